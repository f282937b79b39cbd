'use strict'

// Ten thousand calls of somebody who means no good, or whose program is wrong: an error of ours each time, or an answer.

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { Worker } = require('node:worker_threads')
const { shortlist } = require('./addon.js')
const sample = require('./sample.js')

const { Engine, ShortlistError } = shortlist()

/** Numbers that look random and are the same each time. */
function seeded(seed) {
  return (below) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * below)
  }
}

function detached() {
  const floats = new Float32Array(32).fill(1)
  structuredClone(floats.buffer, { transfer: [floats.buffer] })
  return floats
}

const ring = { a: 1 }
ring.ring = ring
const deep = () => {
  let filter = { services: 'Audit' }
  for (let i = 0; i < 3_000; i++) filter = { not: filter }
  return filter
}
const thrower = { get text() { throw new RangeError('a getter that throws') }, get embedding() { throw 'not even an error' } }
const proxy = new Proxy({}, { ownKeys() { throw new TypeError('no keys') }, get() { throw new Error('no fields') } })

const values = [
  undefined, null, true, 0, -0, -1, 1.5, NaN, Infinity, -Infinity, 2 ** 53, 1e308, 10n, '', 'x', '\u0000', '\ud800', 'x'.repeat(70_000), Symbol('s'),
  () => 1, [], {}, [[]], [null], new Date(NaN), new Date(0), new Map(), new Set(['a']), new Float32Array(0), new Float32Array(3), new Float32Array(32).fill(NaN),
  new Float32Array(32).fill(1), detached(), new Float32Array(new SharedArrayBuffer(128)).fill(1), new Uint8Array(4), new DataView(new ArrayBuffer(8)), Buffer.from('{}'),
  ring, deep(), thrower, proxy, new Proxy([], {}), Object.create(null), Object.create({ text: 'inherited' }), new (class { toJSON() { throw new Error('no') } })(),
  { toJSON: () => ({ limit: 'x' }) }, new Array(20_000).fill('x'), JSON.parse('{"__proto__": {"limit": 3}}'), new WeakMap(), Promise.resolve(1), /x/, globalThis,
]

const fields = ['text', 'filter', 'where', 'limit', 'sort', 'cursor', 'before', 'facets', 'fields', 'embedding', 'industries', 'weights', 'rules', 'highlight', 'scope', 'timeoutMs', 'select', 'id', 'ids', 'attributes', 'excludeIds', 'maxPer', 'nothing', 'hourlyRate', 'details']

const methods = ['search', 'searchSync', 'searchJson', 'searchJsonSync', 'facets', 'facetsSync', 'searchMany', 'searchManySync', 'suggest', 'suggestSync', 'matchAdvisors', 'matchAdvisorsSync', 'matchJson', 'matchJsonSync', 'matchMany', 'matchManySync', 'similarTo', 'similarToSync', 'get', 'getSync', 'getMany', 'getManySync', 'upsert', 'upsertSync', 'patch', 'patchSync', 'remove', 'removeSync', 'reserve', 'confirm', 'release', 'declare', 'alter', 'setSynonyms', 'setRules', 'removeRules', 'snapshotTo']

function value(random) {
  const one = values[random(values.length)]
  switch (random(4)) {
    case 0:
      return { [fields[random(fields.length)]]: one, [fields[random(fields.length)]]: values[random(values.length)] }
    case 1:
      return [one, { [fields[random(fields.length)]]: one }]
    case 2:
      return { id: 'adv-000001', [fields[random(fields.length)]]: one }
    default:
      return one
  }
}

async function hostile(engine, calls, seed) {
  const random = seeded(seed)
  const tally = { refused: 0, answered: 0 }
  let waiting = []
  for (let i = 0; i < calls; i++) {
    const method = methods[random(methods.length)]
    const args = Array.from({ length: random(3) + (method === 'snapshotTo' ? 1 : 0) }, () => value(random))
    // A path that is one would be written to.
    if (method === 'snapshotTo' && typeof args[0] === 'string') args[0] = 3
    if (method === 'setRules') args[0] = 'one'
    const settle = (error) => {
      if (error === undefined) tally.answered += 1
      else {
        tally.refused += 1
        assert.ok(error instanceof ShortlistError, `${method}: ${error?.stack ?? String(error)}`)
        assert.match(error.code, /^SL[12]\d{3}$/, `${method}: ${error.message}`)
      }
    }
    try {
      const answer = engine[method](...args)
      if (answer instanceof Promise) waiting.push(answer.then(() => settle(), settle))
      else settle()
    } catch (error) {
      settle(error)
    }
    if (waiting.length > 100) {
      await Promise.all(waiting)
      waiting = []
    }
  }
  await Promise.all(waiting)
  return tally
}

test('ten thousand hostile calls are refused or answered, and the engine goes on', async () => {
  const engine = sample.engine()
  const tally = await hostile(engine, 10_000, 7)
  assert.equal(tally.refused + tally.answered, 10_000)
  assert.ok(tally.refused > 5_000 && tally.answered > 100, JSON.stringify(tally))
  await engine.verify()
  assert.ok((await engine.search({ scope: 'all' })).total > 0)
})

test('methods that are torn from their engine refuse', () => {
  const { searchSync } = Engine.prototype
  for (const self of [undefined, {}, Engine.prototype]) {
    assert.throws(() => searchSync.call(self), { name: 'WrongTypeError' })
  }
  assert.throws(() => new Engine(), { name: 'WrongTypeError' })
  assert.throws(() => new Engine({}), { name: 'WrongTypeError' })
  for (const token of [undefined, -1, 1.5, '1', 2 ** 33]) assert.throws(() => Engine.attach(token), ShortlistError)
  for (const options of [3, 'x', { schema: 3 }, { nothing: 1 }, { exactBudgetMs: -1 }, { background: 'yes' }]) {
    assert.throws(() => Engine.inMemory(options), ShortlistError)
  }
})

test('many threads call while one closes', async () => {
  const engine = sample.engine()
  const source = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { Engine } = require(workerData.package)
    const engine = Engine.attach(workerData.token)
    let done = 0
    parentPort.postMessage('begun')
    ;(async () => {
      for (;;) {
        try {
          engine.searchSync({ limit: 3 })
          await Promise.all([engine.search({ limit: 3 }), engine.matchAdvisors({})])
          done += 3
        } catch (error) {
          parentPort.postMessage({ done, name: error.name })
          return
        }
      }
    })()`
  const options = { eval: true, workerData: { package: require.resolve('..'), token: engine.token } }
  const workers = Array.from({ length: 3 }, () => new Worker(source, options))
  const heard = workers.map((worker) => {
    const begun = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    return { begun, ended: begun.then(() => new Promise((resolve) => worker.once('message', resolve))) }
  })
  await Promise.all(heard.map(({ begun }) => begun))
  await new Promise((resolve) => setTimeout(resolve, 50))
  await engine.close()
  for (const { ended } of heard) assert.equal((await ended).name, 'ClosedError')
})

test('a worker that ends in the middle of its calls takes nothing with it', async () => {
  const engine = sample.engine()
  const source = `
    const { workerData } = require('node:worker_threads')
    const { Engine } = require(workerData.package)
    const engine = Engine.attach(workerData.token)
    for (let i = 0; i < 200; i++) engine.matchMany([{}, {}, {}]).catch(() => {})
    process.exit(0)`
  for (let i = 0; i < 3; i++) {
    const worker = new Worker(source, { eval: true, workerData: { package: require.resolve('..'), token: engine.token } })
    await new Promise((resolve) => worker.once('exit', resolve))
  }
  assert.ok((await engine.search({ scope: 'all' })).total > 0)
})

test('a hundred thousand calls leave the memory as it was', async () => {
  const engine = sample.engine()
  const embedding = new Float32Array(32).fill(0.5)
  const round = async (calls) => {
    for (let i = 0; i < calls; i += 10) {
      for (let j = 0; j < 6; j++) engine.searchSync({ limit: 3, sort: j % 2 ? 'newest' : 'rating', filter: { hourlyRate: { gte: i % 97 } } })
      engine.searchJsonSync({ limit: 2 })
      engine.matchAdvisorsSync({ embedding, limit: 2 })
      try {
        engine.searchSync({ limit: -1 })
      } catch {
        // It is refused, which must not leak either.
      }
      await engine.search({ limit: 1, select: 'ids' })
    }
  }
  const resident = () => {
    globalThis.gc?.()
    return process.memoryUsage().rss / 1e6
  }
  await round(20_000)
  const before = resident()
  await round(100_000)
  const grown = resident() - before
  assert.ok(grown < 24, `${grown.toFixed(1)} MB more`)
})
