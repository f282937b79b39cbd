'use strict'

// What the way into the engine and back costs, beside the crate itself in the same run, and how many requests a second come
// through the public methods. Each answer is compared with the one that another method gives.
//
//     shortlist generate --dim 1536 --requests 200 --out DIR/profiles.jsonl --embeddings-out DIR/profiles.f32 --schema-out DIR/schema.json
//     cargo build --release -p shortlist-node --features measure
//     SHORTLIST_NODE_LIBRARY=COPY.node node bindings-node/bench/crossing.js DIR

const assert = require('node:assert/strict')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { monitorEventLoopDelay } = require('node:perf_hooks')
const { Engine } = require('..')
const native = require('../lib/native')
const { handleOf } = require('../lib/call')
const { collected } = require('../lib/batch')

const dir = process.argv[2] ?? '.'
// How often the throughput is asked for: all of it, or a share on a slow build.
const SHARE = Number(process.argv[3] ?? 1)
const lines = (file) => readFileSync(join(dir, file), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line))

function floats(file) {
  const { buffer, byteOffset, byteLength } = readFileSync(join(dir, file))
  return new Float32Array(buffer, byteOffset, byteLength / 4)
}

const profiles = lines('profiles.jsonl')
const vectors = floats('profiles.f32')
const dimension = vectors.length / profiles.length
const row = (all, at) => all.subarray(at * dimension, (at + 1) * dimension)
const sorted = (values) => Float64Array.from(values).sort()
const median = (values) => sorted(values)[values.length >> 1]
const p99 = (values) => sorted(values)[Math.floor(values.length * 0.99)]

function mean(asked, ask) {
  const start = performance.now()
  for (const one of asked) ask(one)
  return ((performance.now() - start) * 1e3) / asked.length
}

async function meanOf(asked, ask) {
  const start = performance.now()
  for (const one of asked) await ask(one)
  return ((performance.now() - start) * 1e3) / asked.length
}

const ROUNDS = Math.ceil(30 * SHARE)
const tell = (name, us, bar) => console.log(`${name.padEnd(58)} ${us.toFixed(2).padStart(9)}${bar === undefined ? '' : `   bar ${bar}`}`)

async function crossings(engine, cacheBytes) {
  // Pages of twenty, as a marketplace asks for them.
  const pages = lines('profiles.search.jsonl').filter((one) => one.text === undefined).filter((one) => engine.searchSync(one).hits.length === 20)
  console.log(`\n${pages.length} list pages of 20 in turn, microseconds a call over the crate, kept answers ${cacheBytes ? 'on' : 'off'}`)
  for (const page of pages) {
    const { tookUs, ...objects } = engine.searchSync(page)
    const { tookUs: _, ...json } = JSON.parse(engine.searchJsonSync(page))
    assert.deepEqual(JSON.parse(JSON.stringify(objects)), json)
    assert.deepEqual(engine.searchSync({ ...page, select: 'ids' }).ids, objects.hits.map((hit) => hit.id))
    assert.deepEqual((await engine.search(page)).hits, objects.hits)
  }
  const text = JSON.stringify(pages)
  const seen = { crate: [], ids: [], json: [], warm: [], async: [] }
  for (let round = 0; round < ROUNDS; round++) {
    seen.crate.push(native.measureSearch(handleOf(engine), text))
    seen.ids.push(mean(pages, (page) => engine.searchSync({ ...page, select: 'ids' }).ids))
    seen.json.push(mean(pages, (page) => engine.searchJsonSync(page)))
    seen.warm.push(mean(pages, (page) => engine.searchSync(page)))
    seen.async.push(await meanOf(pages, (page) => engine.search(page)))
  }
  const crate = median(seen.crate)
  tell('the crate itself', crate)
  tell('ids', median(seen.ids) - crate, 3)
  tell('searchJson', median(seen.json) - crate, 12)
  tell('objects, warm', median(seen.warm) - crate, 20)
  tell('objects, by a promise, over objects', median(seen.async) - median(seen.warm), 40)

  // Cold: the listings of each page were never seen before. Every page is asked once of a catalogue that was just changed.
  const cold = []
  for (let round = 0; round < 5; round++) {
    const touched = new Set(pages.flatMap((page) => engine.searchSync({ ...page, select: 'ids' }).ids))
    await engine.patch([...touched].map((id) => ({ id, updatedAt: new Date(1e12 + round).toISOString() })))
    const seenBefore = new Set()
    const fresh = pages.filter((page) => {
      const { ids } = engine.searchSync({ ...page, select: 'ids' })
      const isNew = ids.every((id) => !seenBefore.has(id))
      ids.forEach((id) => seenBefore.add(id))
      return isNew
    })
    if (fresh.length > 0) cold.push(mean(fresh, (page) => engine.searchSync(page)))
  }
  tell('objects, cold', median(cold) - crate, 90)
}

async function embeddings(engine) {
  const criteria = lines('profiles.match.jsonl').map(({ text, ...rest }) => rest)
  const all = floats('profiles.match.f32')
  const asked = criteria.map((one, at) => ({ ...one, embedding: row(all, at) }))
  for (const one of asked.slice(0, 50)) {
    const { tookUs, ...objects } = engine.matchAdvisorsSync(one)
    const { tookUs: _, ...json } = JSON.parse(engine.matchJsonSync(one))
    assert.deepEqual(JSON.parse(JSON.stringify(objects)), json)
  }
  const { text, floats: values, lengths } = collected(asked, 'criteria')
  const plain = collected(criteria, 'criteria')
  const seen = { crate: [], cratePlain: [], ids: [], idsPlain: [] }
  for (let round = 0; round < ROUNDS; round++) {
    seen.crate.push(native.measureMatch(handleOf(engine), text, values, lengths))
    seen.cratePlain.push(native.measureMatch(handleOf(engine), plain.text))
    seen.ids.push(mean(asked, (one) => engine.matchAdvisorsSync({ ...one, select: 'ids' })))
    seen.idsPlain.push(mean(criteria, (one) => engine.matchAdvisorsSync({ ...one, select: 'ids' })))
  }
  const [over, overPlain] = [median(seen.ids) - median(seen.crate), median(seen.idsPlain) - median(seen.cratePlain)]
  console.log(`\n${asked.length} matches in turn`)
  tell('the crate itself, with an embedding', median(seen.crate))
  tell('ids of a match, over the crate', over)
  tell('of it the Float32Array', over - overPlain, 6)
}

/** `count` requests, `width` of them at a time: requests a second, the times of each, and the event loop's delay. */
async function throughput(name, asked, ask, all, bar) {
  const count = Math.ceil(all * SHARE)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const times = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const one = asked[next++ % asked.length]
      const start = performance.now()
      await ask(one)
      times.push(performance.now() - start)
    }
  }
  delay.enable()
  const start = performance.now()
  await Promise.all(Array.from({ length: 8 }, worker))
  const seconds = (performance.now() - start) / 1e3
  delay.disable()
  console.log(
    `${name.padEnd(44)} ${Math.round(count / seconds).toLocaleString('en').padStart(8)}/s (bar ${bar})  p50 ${median(times).toFixed(2)} ms  p99 ${p99(times).toFixed(2)} ms  ` +
      `event loop p99 ${(delay.percentile(99) / 1e6).toFixed(2)} ms`,
  )
}

async function main() {
  const schema = JSON.parse(readFileSync(join(dir, 'schema.json'), 'utf8'))
  for (const cacheBytes of [0, 32 << 20]) {
    const engine = Engine.inMemory({ schema: { ...schema, dimension }, cacheBytes })
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const start = performance.now()
    await engine.upsert(profiles.map((one, at) => ({ ...one, embedding: row(vectors, at) })))
    delay.disable()
    console.log(`\n${profiles.length} profiles written in ${((performance.now() - start) / 1e3).toFixed(1)} s, event loop p99 ${(delay.percentile(99) / 1e6).toFixed(2)} ms`)
    await engine.maintain()
    await crossings(engine, cacheBytes)
    if (cacheBytes === 0) await embeddings(engine)
    const pages = lines('profiles.search.jsonl').filter((one) => one.text === undefined)
    const needs = floats('profiles.match.f32')
    const matches = lines('profiles.match.jsonl').map(({ text, ...rest }, at) => ({ ...rest, embedding: row(needs, at) }))
    console.log('\nthrough the public methods, eight at a time')
    await throughput('list pages, objects, promises', pages, (page) => engine.search(page), 40_000, '8,000')
    await throughput('list pages, JSON, promises', pages, (page) => engine.searchJson(page), 40_000, '8,000')
    await throughput('matches, objects, promises', matches, (one) => engine.matchAdvisors(one), 20_000, '4,000')
    await throughput('matches, JSON, promises', matches, (one) => engine.matchJson(one), 20_000, '4,000')
    await engine.close()
  }
}

main()
