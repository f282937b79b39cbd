'use strict'

// Lists on their way to the engine. A long one is written a slice at a time, so that whoever else waits for this
// thread has a turn between.

const { setImmediate: turn } = require('node:timers/promises')
const native = require('./native')
const { parts, reading, wrongType } = require('./wire')

/** How long a slice is worked on, in milliseconds. */
const SLICE = 1

/** Embeddings one behind the other, with the length of each. */
function joined(all) {
  if (all.every((one) => one === undefined)) return {}
  const lengths = Uint32Array.from(all, (one) => one?.length ?? 0)
  const floats = new Float32Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const one of all) {
    if (one === undefined) continue
    floats.set(one, at)
    at += one.length
  }
  return { floats, lengths }
}

/** A list as one request: a list in JSON, or lines. */
function collected(list, what, separator) {
  if (!Array.isArray(list)) throw wrongType(what, list, 'a list')
  const all = list.map((one) => parts(one, what))
  const texts = all.map(({ text }) => text)
  const text = separator === undefined ? `[${texts.join(',')}]` : texts.join(separator)
  return { text, ...joined(all.map(({ floats }) => floats)) }
}

function add(batch, slice) {
  const text = slice.map((one) => one.text).join('\n')
  const { floats, lengths } = joined(slice.map((one) => one.floats))
  batch.add(text, floats, lengths)
}

/** Profiles, one or any number, as a batch that the engine holds. */
async function collect(profiles, what) {
  const list = reading(() => (typeof profiles?.[Symbol.iterator] === 'function' && typeof profiles !== 'string' ? profiles : [profiles])[Symbol.iterator]())
  const batch = new native.Batch()
  let slice = []
  let end = performance.now() + SLICE
  for (let next = reading(() => list.next()); !next.done; next = reading(() => list.next())) {
    slice.push(reading(() => parts(next.value, what)))
    if (slice.length % 8 === 0 && performance.now() > end) {
      add(batch, slice)
      slice = []
      await turn()
      end = performance.now() + SLICE
    }
  }
  if (slice.length > 0) add(batch, slice)
  return batch
}

module.exports = { collect, collected, joined }
