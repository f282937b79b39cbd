'use strict'

// Promises for what the engine does on its own threads: one port a JavaScript thread, woken once for as many answers as
// there are.

const native = require('./native')
const { typed } = require('./errors')
const { known } = require('./listings')

/** How long answers are turned into objects before others have their turn, in milliseconds. */
const TURN = 1

const pending = new Map()
let port
let keeper
let last = 0

function settle(id) {
  const waiting = pending.get(id)
  // Called off, and answered all the same.
  if (waiting === undefined) return
  forget(id)
  let value
  try {
    value = waiting.finish(port.value(known))
  } catch (thrown) {
    waiting.reject(typed(thrown))
    return
  }
  waiting.resolve(value)
}

let isScheduled = false

function drain() {
  isScheduled = false
  const end = performance.now() + TURN
  for (let id = port.take(); id >= 0; id = port.take()) {
    settle(id)
    if (performance.now() > end) {
      isScheduled = true
      setImmediate(drain)
      return
    }
  }
}

function forget(id) {
  const waiting = pending.get(id)
  pending.delete(id)
  waiting?.signal?.removeEventListener('abort', waiting.abort)
  if (pending.size === 0) keeper.unref()
}

/** Not at once: as long as answers come, one call of this follows the other before the loop goes on to its timers. */
function wake() {
  if (isScheduled) return
  isScheduled = true
  setImmediate(drain)
}

function begin() {
  port = new native.Port(wake)
  // Keeps the thread alive for as long as somebody waits, and no longer.
  keeper = setInterval(() => {}, 0x7fffffff)
  keeper.unref()
}

/** Has `start(port, id)` begun and gives a promise of what `finish` makes of the answer. */
function promised(start, finish, signal) {
  if (port === undefined) begin()
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    last = (last + 1) >>> 0
    const id = last
    const waiting = { resolve, reject, finish, signal, abort: undefined }
    if (signal !== undefined) {
      waiting.abort = () => {
        forget(id)
        port.cancel(id)
        reject(signal.reason)
      }
      signal.addEventListener('abort', waiting.abort, { once: true })
    }
    if (pending.size === 0) keeper.ref()
    pending.set(id, waiting)
    try {
      start(port, id)
    } catch (thrown) {
      forget(id)
      reject(typed(thrown))
    }
  })
}

module.exports = { promised, TURN }
