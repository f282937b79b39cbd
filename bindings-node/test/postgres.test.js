'use strict'

// Following a server of our own: it needs the programs of PostgreSQL, and is skipped where they are not.

const assert = require('node:assert/strict')
const { execFileSync, spawn } = require('node:child_process')
const { chownSync, existsSync, mkdirSync, readdirSync } = require('node:fs')
const { join } = require('node:path')
const { after, before, test } = require('node:test')
const { scratch, shortlist } = require('./addon.js')

const { Engine, Sync, postgres } = shortlist()

const versions = '/usr/lib/postgresql'
const newest = existsSync(versions) && readdirSync(versions).sort((a, b) => b - a)[0]
const programs = newest && join(versions, newest, 'bin')
const isRoot = process.getuid?.() === 0
const skip = !(programs && existsSync(join(programs, 'postgres'))) && 'PostgreSQL is not installed'

// A server refuses to run as root: then it runs as the user that its package made.
const as = (program, args) => (isRoot ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', join(programs, program), ...args]] : [join(programs, program), args])

let server
let dir
const port = 20_000 + (process.pid % 20_000)
const url = `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`

function sql(text) {
  const [program, args] = as('psql', ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-v', 'ON_ERROR_STOP=1', '-qc', text])
  execFileSync(program, args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
}

before(async () => {
  if (skip) return
  dir = join(scratch(), 'pg')
  mkdirSync(dir)
  const { uid, gid } = isRoot ? { uid: Number(execFileSync('id', ['-u', 'postgres'])), gid: Number(execFileSync('id', ['-g', 'postgres'])) } : {}
  if (isRoot) {
    chownSync(join(dir, '..'), uid, gid)
    chownSync(dir, uid, gid)
  }
  const [init, initArgs] = as('initdb', ['-D', join(dir, 'data'), '-U', 'postgres', '-A', 'trust', '--no-sync'])
  execFileSync(init, initArgs, { cwd: dir, stdio: 'ignore' })
  const [program, args] = as('postgres', ['-D', join(dir, 'data'), '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${dir}`, '-c', 'fsync=off'])
  server = spawn(program, args, { cwd: dir, stdio: 'ignore' })
  for (let tries = 0; ; tries++) {
    try {
      sql('select 1')
      break
    } catch (error) {
      if (tries > 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  sql(`create table experts (id text primary key, services text[], hourly_rate numeric, marketplace_status text, is_verified boolean, updated_at timestamptz default now());
    insert into experts select 'e' || n, '{Audit}', n, 'active', true from generate_series(1, 50) n`)
})

after(() => {
  server?.kill('SIGINT')
})

test('a table is loaded, followed and compared', { skip }, async () => {
  const mapping = { table: 'experts' }
  const report = await postgres.check({ url, mapping })
  assert.match(report.table, /experts/)
  assert.deepEqual([report.rowsTried, report.outbox], [50, false])
  assert.match(await postgres.installScript({ url, mapping }), /create/i)
  await postgres.install({ url, mapping })

  const engine = Engine.inMemory()
  const sync = Sync.start(engine, { url, mapping, pollEveryMs: 20 })
  const live = await sync.until('live', { timeoutMs: 20_000 })
  assert.deepEqual([live.state, live.source, live.upserted], ['live', 'outbox', 50])
  assert.equal((await engine.search({ services: 'Audit' })).total, 50)

  sql("update experts set hourly_rate = 1000 where id = 'e7'; delete from experts where id = 'e8'")
  for (let tries = 0; engine.stats().profiles !== 49 && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal((await engine.get('e7')).hourlyRate, 1000)
  assert.equal(await engine.get('e8'), null)

  assert.deepEqual(sync.quarantined, [])
  const { rows, different } = await sync.verify()
  assert.deepEqual([rows, different], [49, 0])
  assert.equal((await sync.stop()).state, 'stopped')
  assert.throws(() => sync.status, { name: 'ClosedError' })
  await postgres.uninstall({ url })
  assert.match(postgres.uninstallScript(), /drop/i)
})
