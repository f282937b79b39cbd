'use strict'

/** The pages of a search one after the other, and its hits: `for await`. */
class Pages {
  #engine
  #request
  #options

  constructor(engine, request, options) {
    this.#engine = engine
    this.#request = request
    this.#options = options
  }

  async *[Symbol.asyncIterator]() {
    let request = this.#request
    for (;;) {
      const page = await this.#engine.search(request, this.#options)
      yield page
      if (page.nextCursor === null) return
      request = { ...this.#request, cursor: page.nextCursor }
    }
  }

  /** The hits of all pages. */
  async *hits() {
    for await (const page of this) yield* page.hits
  }
}

module.exports = { Pages }
