'use strict'

// Following the index: every commit as an event, in order.

const { setImmediate: turn } = require('node:timers/promises')
const native = require('./native')
const { handleOf } = require('./call')
const { errorOf, typed } = require('./errors')
const { promised, TURN } = require('./port')
const { option, reading, wrongType } = require('./wire')

const OVER = Object.freeze({ value: undefined, done: true })

/** Events out of their pieces: each an event, or more of the profiles of the one before. */
async function eventsOf(pieces) {
  const events = []
  let end = performance.now() + TURN
  for (let text = pieces.next(); text !== null; text = pieces.next()) {
    const piece = JSON.parse(text)
    if (Array.isArray(piece)) events[events.length - 1].profiles.push(...piece)
    else events.push(piece)
    if (performance.now() > end) {
      await turn()
      end = performance.now() + TURN
    }
  }
  return events
}

function afterOf(options) {
  const after = option(options, 'after')
  if (after === undefined || after === null) return undefined
  if (Number.isSafeInteger(after) && after >= 0) return after
  if (typeof after !== 'number') throw wrongType('after', after, 'a generation')
  throw errorOf(native.outOfRange('after', String(after), 'a generation: a whole number, 0 or more'))
}

class Subscription {
  #handle
  // Who is followed stays open for as long as somebody follows it.
  #engine
  #signal
  #abort
  #events = []
  #taken = 0
  #generation
  #isOver = false
  #failure
  #last = Promise.resolve()

  constructor(engine, options) {
    const [followed, after, signal] = reading(() => [handleOf(engine), afterOf(options), option(options, 'signal')])
    this.#engine = followed
    this.#signal = signal
    this.#generation = after
    try {
      this.#handle = followed.subscribe(after)
    } catch (thrown) {
      throw typed(thrown)
    }
    if (signal === undefined) return
    this.#abort = () => {
      this.#failure = { reason: signal.reason }
      this.close()
    }
    if (signal.aborted) this.#abort()
    else signal.addEventListener('abort', this.#abort, { once: true })
  }

  /** The generation of the event that was handed out last. */
  get generation() {
    return this.#generation
  }

  /** One after the other, however many ask at once. */
  next() {
    const next = this.#last.then(() => this.#next())
    this.#last = next.catch(() => undefined)
    return next
  }

  async #next() {
    while (this.#taken === this.#events.length && !this.#isOver) await this.#more()
    if (this.#failure !== undefined) {
      const { reason } = this.#failure
      this.#failure = undefined
      throw reason
    }
    if (this.#isOver) return OVER
    const value = this.#events[this.#taken++]
    this.#generation = value.generation ?? value.through ?? this.#generation
    return { value, done: false }
  }

  async #more() {
    let events
    try {
      // This object is held by whoever waits for the answer, and with it the engine.
      const pieces = await promised((port, id) => this.#handle.next(port, id), (found) => found, undefined)
      events = await eventsOf(pieces)
    } catch (error) {
      this.close()
      throw error
    }
    this.#events = events
    this.#taken = 0
    if (events.length === 0) this.close()
  }

  /** Ends it, also for whoever waits for its next event. */
  close() {
    if (this.#isOver) return
    this.#isOver = true
    this.#signal?.removeEventListener('abort', this.#abort)
    this.#handle.close()
    this.#engine = undefined
  }

  async return(value) {
    this.close()
    return { value, done: true }
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async [Symbol.asyncDispose]() {
    this.close()
  }
}

module.exports = { Subscription }
