'use strict'

const assert = require('node:assert/strict')
const { mkdirSync } = require('node:fs')
const { join } = require('node:path')
const { test } = require('node:test')
const { Worker } = require('node:worker_threads')
const { scratch, shortlist } = require('./addon.js')
const sample = require('./sample.js')

const { Engine, ShortlistError, OutOfRangeError, CallerError } = shortlist()

const ada = { id: 'ada', services: ['Tax Planning'], hourlyRate: 150, marketplaceStatus: 'active', isVerified: true }
const ben = { ...ada, id: 'ben', hourlyRate: 90, industries: ['Retail'] }

async function small() {
  const engine = Engine.inMemory()
  await engine.upsert([ada, ben])
  return engine
}

test('what is written is read at once', async () => {
  const engine = Engine.inMemory()
  assert.deepEqual(await engine.upsert(ada), { generation: 1, changes: 1 })
  assert.deepEqual(engine.searchSync().hits.map((hit) => hit.id), ['ada'])
  await engine.patch('ada', { hourlyRate: 175 })
  assert.equal(engine.searchSync().hits[0].hourlyRate, 175)
  engine.patchSync([{ id: 'ada', hourlyRate: null }])
  assert.equal((await engine.get('ada')).hourlyRate, null)
  await engine.remove('ada')
  assert.equal(await engine.get('ada'), null)
  assert.equal((await engine.search()).total, 0)
})

test('listings are kept by their state, and shared', async () => {
  const engine = await small()
  const [first] = engine.searchSync({ sort: 'priceAsc' }).hits
  const [second] = (await engine.search({ sort: 'priceAsc' })).hits
  assert.equal(first, second)
  assert.ok(Object.isFrozen(first) && Object.isFrozen(first.industries))
  await engine.patch('ben', { totalReviews: 4 })
  const [third] = engine.searchSync({ sort: 'priceAsc' }).hits
  assert.equal(first.totalReviews, 0)
  assert.equal(third.totalReviews, 4)
  assert.equal(engine.matchAdvisorsSync({}).matches.find((match) => match.advisorId === 'ben').listing, third)
})

test('another engine has listings of its own', async () => {
  const [one, other] = [await small(), Engine.inMemory()]
  await other.upsert({ ...ada, hourlyRate: 1 })
  assert.equal(one.searchSync({ sort: 'priceDesc' }).hits[0].hourlyRate, 150)
  assert.equal(other.searchSync({ sort: 'priceDesc' }).hits[0].hourlyRate, 1)
  assert.equal(one.searchSync({ sort: 'priceDesc' }).hits[0].hourlyRate, 150)
})

test('ids come without listings', async () => {
  const engine = await small()
  const { ids, scores, total } = await engine.search({ sort: 'priceAsc', select: 'ids' })
  assert.deepEqual([ids, total], [['ben', 'ada'], 2])
  assert.deepEqual([...scores], [NaN, NaN])
  const found = engine.matchAdvisorsSync({ select: 'ids' })
  assert.ok(found.scores instanceof Float64Array && found.scores[0] >= found.scores[1])
})

test('an embedding is a Float32Array, a list, or any array of numbers', async () => {
  const engine = Engine.inMemory()
  const embedding = new Float32Array([1, 0.5])
  await engine.upsert([{ ...ada, embedding }, { ...ben, embedding: [0.5, 1] }, { ...ada, id: 'cat' }])
  assert.deepEqual((await engine.get('ada')).embedding, embedding)
  assert.deepEqual(engine.getManySync(['ben', 'nobody', 'cat']).map((one) => one && one.embedding), [new Float32Array([0.5, 1]), null, null])
  for (const asked of [embedding, [1, 0.5], new Float64Array([1, 0.5])]) {
    assert.equal(engine.matchAdvisorsSync({ embedding: asked }).matches[0].advisorId, 'ada')
  }
  const many = await engine.matchMany([{ embedding: [0.5, 1], limit: 1 }, { limit: 1 }, { embedding, limit: 1 }])
  assert.deepEqual(many.map(({ matches }) => matches[0].advisorId), ['ben', many[1].matches[0].advisorId, 'ada'])
  await engine.patch('cat', { embedding: new Float32Array([1, 0.4]) })
  assert.deepEqual(engine.similarToSync('ada').similar.map((one) => one.advisorId), ['cat', 'ben'])
  assert.throws(() => engine.searchSync({ embedding: new Float32Array(3).fill(1) }), { name: 'WrongDimensionError', code: 'SL1006', field: 'embedding' })
  assert.throws(() => engine.searchSync({ embedding: [1, NaN] }), { name: 'InvalidEmbeddingError' })
  assert.throws(() => engine.searchSync({ embedding: [1, 'a'] }), { name: 'InvalidEmbeddingError' })
  assert.throws(() => engine.searchSync({ embedding: [] }), { name: 'InvalidEmbeddingError' })
})

test('errors are classes with codes, fields and hints', async () => {
  const engine = await small()
  const refused = { name: 'OutOfRangeError', code: 'SL1003', actor: 'caller', field: 'limit', value: '5000', hint: '1 to 1000' }
  assert.throws(() => engine.searchSync({ limit: 5000 }), (error) => {
    assert.ok(error instanceof OutOfRangeError && error instanceof CallerError && error instanceof ShortlistError && error instanceof Error)
    const { name, code, actor, field, value, hint } = error
    assert.deepEqual({ name, code, actor, field, value, hint }, refused)
    return true
  })
  await assert.rejects(engine.search({ limit: 5000 }), refused)
  await assert.rejects(engine.search({ limt: 5 }), { name: 'UnknownFieldError', hint: 'did you mean `limit`?' })
  await assert.rejects(engine.upsert([ada, { ...ben, hourlyRate: -1 }]), { name: 'OutOfRangeError', field: 'hourlyRate', index: 1 })
  const [good, bad] = await engine.searchMany([{}, { sort: [{ field: 'nothing' }] }])
  assert.equal(good.total, 2)
  assert.ok(bad instanceof ShortlistError)
})

test('pages and hits come one after the other', async () => {
  const engine = sample.engine()
  const ids = []
  let pages = 0
  for await (const page of engine.pages({ limit: 7, scope: 'all', fields: ['id'] })) {
    pages += 1
    ids.push(...page.hits.map((hit) => hit.id))
  }
  const { total } = await engine.search({ scope: 'all', limit: 1 })
  assert.equal(ids.length, total)
  assert.equal(new Set(ids).size, total)
  assert.equal(pages, Math.ceil(total / 7))
  let hits = 0
  for await (const hit of engine.pages({ limit: 50, scope: 'all' }).hits()) hits += hit.id ? 1 : 0
  assert.equal(hits, total)
})

test('a request is called off by a signal or by its own time', async () => {
  const engine = sample.engine()
  const stop = new AbortController()
  const waiting = engine.matchMany(Array.from({ length: 2_000 }, () => ({ limit: 20 })), { signal: stop.signal })
  stop.abort()
  await assert.rejects(waiting, { name: 'AbortError' })
  await assert.rejects(engine.search({}, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  await assert.rejects(engine.search({ timeoutMs: 0 }), { name: 'TimedOutError' })
  assert.equal((await engine.search({ limit: 1 }, { signal: new AbortController().signal })).hits.length, 1)
})

test('a closed engine says so, and closing waits for what was begun', async () => {
  const engine = await small()
  const begun = engine.search()
  const closed = engine.close()
  assert.ok(engine.isClosed)
  assert.equal((await begun).total, 2)
  await closed
  assert.throws(() => engine.searchSync(), { name: 'ClosedError', code: 'SL2010' })
  await assert.rejects(engine.search(), { name: 'ClosedError' })
  await engine.close()
  {
    const other = Engine.inMemory()
    other[Symbol.dispose]()
    assert.ok(other.isClosed)
    await Engine.inMemory()[Symbol.asyncDispose]()
  }
})

test('a snapshot is kept, verified, opened and followed', async () => {
  const engine = sample.engine()
  const dir = join(scratch(), 'index')
  mkdirSync(dir)
  const report = await engine.snapshot(dir)
  assert.ok(report.path.startsWith(dir) && report.bytes > 0 && report.seconds >= 0)
  const opened = await Engine.open(dir)
  assert.equal(opened.stats().profiles, engine.stats().profiles)
  assert.ok((await opened.verify()).sections.length > 0)
  const reader = Engine.openReadOnlySync(dir)
  assert.ok(reader.isReadOnly && !opened.isReadOnly)
  await assert.rejects(reader.remove('adv-000001'), { name: 'ReadOnlyError', code: 'SL1022' })
  assert.equal(await reader.refresh(), false)
  const file = join(dir, '..', 'carried.slx')
  await engine.snapshotTo(file)
  assert.deepEqual((await Engine.openSnapshot(file)).searchSync({ limit: 3 }).hits, engine.searchSync({ limit: 3 }).hits)
})

test('schema, synonyms and rules are the index\'s', async () => {
  const engine = Engine.inMemory({ schema: { attributes: { languages: 'keywords' } } })
  await engine.declare({ attributes: { remote: 'bool' } })
  assert.deepEqual(Object.keys(engine.schema.attributes), ['languages', 'remote'])
  await engine.upsert({ ...ada, professionalTitle: 'Chief Financial Officer', attributes: { remote: true } })
  await engine.setSynonyms([['cfo', 'chief financial officer']])
  assert.equal((await engine.search({ text: 'cfo' })).total, 1)
  await engine.setRules('none of ada', { hide: { id: 'ada' } }).catch(() => engine.setRules('none of ada', { hide: { services: 'Tax Planning' } }))
  assert.deepEqual(Object.keys(engine.rules), ['none of ada'])
  assert.equal((await engine.search({ rules: 'none of ada' })).total, 0)
  await engine.removeRules('none of ada')
  await assert.rejects(engine.search({ rules: 'none of ada' }), { name: 'UnknownFieldError' })
  await engine.maintain()
})

test('a panic is an error, and the engine goes on', async () => {
  const { OP, handleOf } = require('../lib/call.js')
  const { typed } = require('../lib/errors.js')
  const engine = await small()
  assert.throws(() => handleOf(engine).call(OP.panic, 0, 'on purpose'), (thrown) => {
    const error = typed(thrown)
    assert.equal(error.name, 'InternalError')
    assert.match(error.message, /on purpose/)
    return true
  })
  const { promised } = require('../lib/port.js')
  const panicking = promised((port, id) => handleOf(engine).start(port, id, OP.panic, 0, 'there too'), (text) => text)
  await assert.rejects(panicking, { name: 'InternalError', code: 'SL3001' })
  assert.equal((await engine.search()).total, 2)
})

test('a worker thread finds an engine that another opened', async () => {
  const engine = await small()
  const source = `
    const { parentPort, workerData } = require('node:worker_threads')
    const { Engine } = require(workerData.package)
    const engine = Engine.attach(workerData.token)
    engine.search({ sort: 'priceAsc' }).then((page) => {
      engine.patchSync('ada', { hourlyRate: 1 })
      parentPort.postMessage(page.hits.map((hit) => hit.id))
    })`
  const worker = new Worker(source, { eval: true, workerData: { package: require.resolve('..'), token: engine.token } })
  const ids = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  assert.deepEqual(ids, ['ben', 'ada'])
  assert.equal(engine.searchSync({ sort: 'priceAsc' }).hits[0].id, 'ada')
  await new Promise((resolve) => worker.once('exit', resolve))
  assert.throws(() => Engine.attach(999_999), { name: 'ClosedError' })
})

test('a query of Prisma\'s finds what the filter finds', async () => {
  const engine = sample.engine()
  const same = (where, filter) => {
    const [left, right] = [{ where }, { filter }].map((asked) => engine.searchSync({ ...asked, scope: 'all', limit: 1000, fields: ['id'] }))
    assert.deepEqual(left.hits, right.hits)
    assert.ok(left.total > 0, JSON.stringify(where))
  }
  same({ industries: { hasSome: ['Retail', 'Technology'] }, hourlyRate: { gte: 100, lt: 300 } }, { industries: { anyOf: ['Retail', 'Technology'] }, hourlyRate: { gte: 100, lt: 300 } })
  same({ services: { hasEvery: ['Fractional CFO', 'Financial Planning'] } }, { services: { allOf: ['Fractional CFO', 'Financial Planning'] } })
  same({ currentClients: { lt: { _ref: 'maxClients', _container: 'AdvisorProfile' } } }, { currentClients: { lt: { field: 'maxClients' } } })
  same({ currentClients: { lt: { modelName: 'AdvisorProfile', name: 'maxClients' } } }, { currentClients: { lt: { field: 'maxClients' } } })
  same({ OR: [{ isVerified: true }, { services: { has: 'Tax Planning' } }] }, { or: [{ isVerified: true }, { services: 'Tax Planning' }] })
  same({ NOT: { hourlyRate: null } }, { hourlyRate: { exists: true } })
  same({ AND: { hourlyRate: { not: null } }, NOT: [{ isAvailable: true }, { isVerified: true }] }, { and: [{ hourlyRate: { exists: true } }, { not: { isAvailable: true } }, { not: { isVerified: true } }] })
  same({ marketplaceStatus: { in: ['active', 'pending'] }, createdAt: { gte: new Date('2022-01-01') } }, { marketplaceStatus: ['active', 'pending'], createdAt: { gte: '2022-01-01T00:00:00Z' } })
  same({ attributes: { remote: true, languages: { hasSome: ['Portuguese', 'Spanish'] } } }, { 'attributes.remote': true, 'attributes.languages': ['Portuguese', 'Spanish'] })
  same({ industries: { isEmpty: false }, yearsExperience: { in: [5, 6, 7] } }, { or: [5, 6, 7].map((years) => ({ yearsExperience: years })) })
  assert.throws(() => engine.searchSync({ where: { headline: { contains: 'x' } } }), { name: 'UnknownFieldError', field: 'where.headline.contains' })
  assert.throws(() => engine.searchSync({ where: { services: { hasSome: 'x' } } }), { name: 'WrongTypeError', field: 'where.services.hasSome' })
  assert.throws(() => engine.searchSync({ where: 3 }), { name: 'WrongTypeError' })
})
