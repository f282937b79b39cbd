'use strict'

// The cases of data/golden, which Rust, Python and the command line answer too.

const assert = require('node:assert/strict')
const { readFileSync, readdirSync, mkdirSync } = require('node:fs')
const { join } = require('node:path')
const { before, describe, test } = require('node:test')
const { root, scratch, shortlist } = require('./addon.js')
const sample = require('./sample.js')

const VOLATILE = ['tookUs', 'nextCursor', 'previousCursor', 'generation']

let engine
before(() => {
  engine = sample.engine()
})

function lasting(answer) {
  const entries = Object.entries(answer).filter(([name]) => !VOLATILE.includes(name))
  return JSON.parse(JSON.stringify(Object.fromEntries(entries)))
}

const ways = {
  search: [(request) => engine.searchSync(request), (request) => engine.search(request), async (request) => JSON.parse(await engine.searchJson(request)), (request) => JSON.parse(engine.searchJsonSync(request))],
  match: [(request) => engine.matchAdvisorsSync(request), (request) => engine.matchAdvisors(request), async (request) => JSON.parse(await engine.matchJson(request)), (request) => JSON.parse(engine.matchJsonSync(request))],
  similar: [(request) => engine.similarToSync(request), (request) => engine.similarTo(request)],
  suggest: [(request) => engine.suggestSync(request), (request) => engine.suggest(request)],
}

function cases(kind) {
  const folder = join(root, 'data', 'golden', kind)
  return readdirSync(folder).map((file) => ({ file, ...JSON.parse(readFileSync(join(folder, file), 'utf8')) }))
}

for (const [kind, asked] of Object.entries(ways)) {
  describe(kind, () => {
    for (const { file, request, answer } of cases(kind)) {
      test(file, async () => {
        for (const ask of asked) assert.deepEqual(lasting(await ask(request)), lasting(answer))
        // The second time round, listings come from where they are kept.
        assert.deepEqual(lasting(asked[0](request)), lasting(answer))
      })
    }
  })
}

describe('lists', () => {
  for (const { file, requests, answers } of cases('lists')) {
    test(file, async () => {
      assert.deepEqual((await engine.searchMany(requests)).map(lasting), answers)
      assert.deepEqual(engine.searchManySync(requests).map(lasting), answers)
    })
  }
})

describe('walks', () => {
  for (const { file, request, steps, answers } of cases('walks')) {
    test(file, async () => {
      const found = []
      let page
      for (const step of [null, ...steps]) {
        const cursor = step && page[step]
        const by = { nextCursor: 'cursor', previousCursor: 'before' }[step]
        page = await engine.search(step ? { ...request, [by]: cursor } : request)
        found.push({ ...lasting(page), hasNextCursor: page.nextCursor !== null, hasPreviousCursor: page.previousCursor !== null })
      }
      assert.deepEqual(found, answers)
    })
  }
})

describe('errors', () => {
  const asks = {
    search: (request) => engine.searchSync(request),
    match: (request) => engine.matchAdvisorsSync(request),
    similar: (request) => engine.similarToSync(request),
  }
  for (const { file, args, code } of cases('errors')) {
    const [ask, , , flag, request] = args
    // Others are of the command line's own flags.
    if (flag !== '--request' || code === null) continue
    test(file, () => {
      // What is no JSON cannot be asked here: an object cannot be written so.
      let asked
      try {
        asked = JSON.parse(request)
      } catch {
        return
      }
      assert.throws(() => asks[ask](asked), (error) => {
        assert.ok(error instanceof shortlist().ShortlistError, String(error))
        assert.equal(error.code, code)
        return true
      })
    })
  }

  test('no-index.json', async () => {
    const empty = join(scratch(), 'empty')
    mkdirSync(empty)
    await assert.rejects(shortlist().Engine.open(empty), { name: 'NotAnIndexError', code: 'SL2001' })
  })
})
