'use strict'

// Whoever else waits for the thread that asks.

const assert = require('node:assert/strict')
const { monitorEventLoopDelay } = require('node:perf_hooks')
const { test } = require('node:test')
const { shortlist } = require('./addon.js')

const { Engine } = shortlist()

function* profiles(count, dimension) {
  for (let i = 0; i < count; i++) {
    const embedding = new Float32Array(dimension)
    for (let at = 0; at < dimension; at++) embedding[at] = ((i * 31 + at * 17) % 101) - 50
    yield {
      id: `advisor-${i}`, professionalTitle: 'Fractional CFO', headline: `For clinics and shops, number ${i}`, industries: [`Industry ${i % 20}`, `Industry ${i % 7}`],
      services: [`Service ${i % 30}`], hourlyRate: 80 + (i % 200), overallRating: (i % 50) / 10, totalReviews: i % 90, marketplaceStatus: 'active', isVerified: true, embedding,
    }
  }
}

const { existsSync, readFileSync } = require('node:fs')

const SCHEDULER = '/proc/self/schedstat'
const canTell = existsSync(SCHEDULER)

/** Milliseconds that this thread was on a processor, and that it waited for one. */
const spent = () => readFileSync(SCHEDULER, 'utf8').split(' ').slice(0, 2).map((ns) => Number(ns) / 1e6)

const p99 = (values) => Float64Array.from(values).sort()[Math.floor(values.length * 0.99)]

/**
 * What each turn of the event loop takes while `work` goes on: by the clock, and, where the system tells, in this thread's own time, which does
 * not count how long a busy machine lets it wait.
 */
async function turnsDuring(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const own = []
  let isOver = false
  let before = canTell ? spent() : [0, 0]
  const begun = before
  const look = () => {
    if (isOver) return
    const now = spent()
    own.push(now[0] - before[0])
    before = now
    setImmediate(look)
  }
  delay.enable()
  if (canTell) setImmediate(look)
  const start = performance.now()
  await work()
  isOver = true
  delay.disable()
  const waited = canTell ? (spent()[1] - begun[1]) / (performance.now() - start) : 0
  return { clock: delay.percentile(99) / 1e6, own: canTell ? p99(own) : 0, waited }
}

/** The 99th percentile is under 5 ms: in this thread's own time always, by the clock where the machine has time for it. */
async function calm(name, work) {
  const turns = await turnsDuring(work)
  const told = `during ${name}: ${JSON.stringify(turns)}`
  assert.ok(turns.own < 5, told)
  assert.ok(turns.clock < 5 || turns.waited > 0.05, told)
}

test('the event loop is free during a bulk load and a burst', async () => {
  const engine = Engine.inMemory()
  // Code that runs for the first time is compiled first.
  await engine.upsert([...profiles(200, 64)])
  await Promise.all(Array.from({ length: 50 }, () => engine.search({ limit: 20 })))

  const many = [...profiles(3_000, 64)]
  await calm('a load', () => engine.upsert(many))
  assert.equal(engine.stats().profiles, 3_000)

  // Requests come by themselves, each an event of its own, however many wait for their answers.
  const embedding = new Float32Array(64).fill(1)
  const ask = (i) => (i % 2 ? engine.search({ limit: 20, filter: { hourlyRate: { gte: i } } }) : engine.matchAdvisors({ embedding, limit: 20, maxBudget: 100 + i }))
  await calm('bursts', async () => {
    for (let round = 0; round < 3; round++) {
      const asked = []
      for (let i = 0; i < 200; i++) {
        asked.push(ask(i))
        await new Promise(setImmediate)
      }
      await Promise.all(asked)
    }
  })
})

test('the event loop is free while requests follow their answers without a pause', async () => {
  const engine = Engine.inMemory()
  await engine.upsert([...profiles(500, 64)])
  const until = (end) => Promise.all(Array.from({ length: 8 }, async () => {
    while (performance.now() < end) await engine.search({ limit: 20 })
  }))
  await until(performance.now() + 200)
  let turns = 0
  const timer = setInterval(() => { turns += 1 }, 1)
  await calm('requests that follow their answers', () => until(performance.now() + 1_000))
  clearInterval(timer)
  // Held up by each run of answers, timers would come a few times a second.
  assert.ok(turns > 40, `${turns} turns`)
})
