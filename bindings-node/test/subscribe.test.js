'use strict'

// Following an index: what is told, when it ends, and whom it leaves alone.

const assert = require('node:assert/strict')
const { readFileSync, readdirSync } = require('node:fs')
const { join } = require('node:path')
const { test } = require('node:test')
const { setTimeout: wait } = require('node:timers/promises')
const { Worker } = require('node:worker_threads')
const { root, scratch, shortlist } = require('./addon.js')

const { Engine, Subscription } = shortlist()

const golden = join(root, 'data', 'golden', 'events')

const writes = {
  upsert: (engine, profiles) => engine.upsert(profiles),
  patch: (engine, patch) => engine.patch([patch]),
  remove: (engine, ids) => engine.remove(ids),
  declare: (engine, schema) => engine.declare(schema),
  setSynonyms: (engine, rules) => engine.setSynonyms(rules),
  setRules: (engine, { name, rules }) => engine.setRules(name, rules),
  removeRules: (engine, name) => engine.removeRules(name),
}

for (const file of readdirSync(golden)) {
  test(`a follower is told what ${file} says`, async () => {
    const { writes: all, events } = JSON.parse(readFileSync(join(golden, file), 'utf8'))
    const engine = Engine.inMemory()
    const [early, late] = [engine.subscribe(), engine.subscribe()]
    const told = []
    const following = (async () => {
      for await (const event of early) told.push(event)
    })()
    for (const one of all) {
      const [[kind, said]] = Object.entries(one)
      await writes[kind](engine, said)
    }
    await engine.close()
    await following
    assert.deepEqual(told, events)
    const after = []
    for await (const event of late) after.push(event)
    assert.deepEqual(after, events)
  })
}

test('a follower goes on where an earlier one ended, also in another process', async () => {
  const dir = join(scratch(), 'kept')
  const engine = await Engine.open(dir, { create: true, durability: 'none' })
  const events = engine.subscribe()
  await engine.upsert({ id: 'ada' })
  assert.equal((await events.next()).value.generation, 1)
  const { generation } = events
  await events.return()
  for (let clients = 0; clients < 400; clients++) engine.patchSync('ada', { currentClients: clients })
  await engine.close()
  const again = await Engine.open(dir)
  const told = []
  for await (const event of again.subscribe({ after: generation })) {
    told.push(event.generation)
    if (told.length === 400) break
  }
  assert.deepEqual(told, Array.from({ length: 400 }, (_, at) => at + 2))
  await again.close()
})

test('whoever comes too late is told what is missing', async () => {
  const engine = Engine.inMemory()
  await engine.upsert({ id: 'ada' })
  const { value } = await engine.subscribe({ after: 0 }).next()
  assert.deepEqual(value, { type: 'missed', after: 0, through: 1 })
})

test('a large commit comes whole, and its slices hold up nobody', async () => {
  const engine = Engine.inMemory()
  const events = engine.subscribe()
  await engine.upsert(Array.from({ length: 3_000 }, (_, at) => ({ id: `a${String(at).padStart(4, '0')}`, services: [`Service ${at % 7}`] })))
  const { value } = await events.next()
  assert.equal(value.profiles.length, 3_000)
  assert.equal(new Set(value.profiles.map((one) => one.id)).size, 3_000)
  assert.ok(value.profiles.every(({ kind, keywords }) => kind === 'added' && keywords[0].field === 'services'))
})

test('it ends by a break, a close, the end of a block, a signal and the engine', async () => {
  const engine = Engine.inMemory()
  await engine.upsert({ id: 'ada' })
  const touch = () => engine.patchSync('ada', { totalReviews: 1 })

  const broken = engine.subscribe()
  touch()
  for await (const event of broken) {
    assert.equal(event.profiles[0].id, 'ada')
    break
  }
  assert.deepEqual(await broken.next(), { value: undefined, done: true })

  const closed = engine.subscribe()
  const waiting = [closed.next(), closed.next()]
  await wait(5)
  closed.close()
  assert.deepEqual((await Promise.all(waiting)).map(({ done }) => done), [true, true])

  const disposed = engine.subscribe()
  await disposed[Symbol.asyncDispose]()
  assert.equal((await disposed.next()).done, true)

  const stop = new AbortController()
  const aborted = engine.subscribe({ signal: stop.signal })
  setTimeout(() => stop.abort(), 5)
  await assert.rejects(async () => {
    for await (const event of aborted) assert.fail(JSON.stringify(event))
  }, { name: 'AbortError' })
  assert.equal((await aborted.next()).done, true)
  await assert.rejects(engine.subscribe({ signal: AbortSignal.abort() }).next(), { name: 'AbortError' })

  const ended = engine.subscribe()
  const last = (async () => {
    const generations = []
    for await (const event of ended) generations.push(event.generation)
    return generations
  })()
  const { generation } = touch()
  await engine.close()
  assert.deepEqual(await last, [generation])
  assert.throws(() => engine.subscribe(), { name: 'ClosedError' })
})

test('those who ask at once get one event each, in order', async () => {
  const engine = Engine.inMemory()
  const events = engine.subscribe()
  const asked = Array.from({ length: 20 }, () => events.next())
  for (let at = 0; at < 20; at++) engine.upsertSync({ id: `a${at}` })
  assert.deepEqual((await Promise.all(asked)).map(({ value }) => value.generation), Array.from({ length: 20 }, (_, at) => at + 1))
})

test('what is no subscription is refused', () => {
  const engine = Engine.inMemory()
  for (const after of ['1', {}, true]) assert.throws(() => engine.subscribe({ after }), { name: 'WrongTypeError', field: 'after' })
  for (const after of [-1, 1.5, NaN, 2 ** 60]) assert.throws(() => engine.subscribe({ after }), { name: 'OutOfRangeError', field: 'after' })
  assert.throws(() => engine.subscribe({ signal: 3 }), { name: 'WrongTypeError' })
  assert.throws(() => engine.subscribe(3), { name: 'WrongTypeError' })
  assert.throws(() => new Subscription({}), { name: 'WrongTypeError' })
})

test('a worker follows an engine of another thread, and ends while it waits', async () => {
  const engine = Engine.inMemory()
  const source = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { Engine } = require(workerData.package)
    const engine = Engine.attach(workerData.token)
    ;(async () => {
      const events = engine.subscribe()
      parentPort.postMessage('begun')
      for await (const event of events) parentPort.postMessage(event.profiles[0].id)
    })()`
  const options = { eval: true, workerData: { package: require.resolve('..'), token: engine.token } }
  const worker = new Worker(source, options)
  const said = () => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  assert.equal(await said(), 'begun')
  const heard = said()
  engine.upsertSync({ id: 'ada' })
  assert.equal(await heard, 'ada')
  await worker.terminate()
  for (let at = 0; at < 100; at++) engine.upsertSync({ id: `a${at}` })
  const other = new Worker(source, options)
  await new Promise((resolve) => other.once('message', resolve))
  const ended = new Promise((resolve) => other.once('exit', resolve))
  await engine.close()
  await ended
})

test('subscriptions that nobody ends take nothing with them', async () => {
  const engine = Engine.inMemory()
  engine.upsertSync({ id: 'ada' })
  const resident = () => {
    globalThis.gc?.()
    return process.memoryUsage().rss / 1e6
  }
  const round = async (count) => {
    for (let at = 0; at < count; at++) {
      const events = engine.subscribe()
      if (at % 3 === 0) {
        engine.patchSync('ada', { totalReviews: at % 50 })
        await events.next()
      } else if (at % 3 === 1) events.close()
      if (at % 500 === 0) await wait(1)
    }
  }
  await round(2_000)
  const before = resident()
  await round(10_000)
  assert.ok(resident() - before < 24, `${resident() - before} MB more`)
})
