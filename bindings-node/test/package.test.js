'use strict'

// The package as npm carries it: packed, installed into an empty project, and run there.

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { test } = require('node:test')
const { addon, scratch } = require('./addon.js')

const here = join(__dirname, '..')
const napi = join(here, 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js')
const { SHORTLIST_NODE_LIBRARY: _, ...environment } = process.env

function run(program, args, cwd) {
  return execFileSync(program, args, { cwd, encoding: 'utf8', env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
}

const npm = (args, cwd) => run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], cwd)
const node = (code, cwd, flags = []) => run(process.execPath, [...flags, '-e', code], cwd)

function platform() {
  const { platform, arch, report } = process
  if (platform === 'linux') return `linux-${arch}-${report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl'}`
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`
}

function pack(folder, to) {
  return join(to, npm(['pack', '--pack-destination', to], folder).trim().split('\n').pop())
}

const CALLS = `
  const engine = Engine.inMemory()
  engine.upsert({ id: 'ada' }).then(() => engine.search({ scope: 'all' })).then((page) => console.log(page.hits[0].id, version()))`

test('packed and installed into an empty project, it runs', { skip: !existsSync(napi) && '@napi-rs/cli is not installed: npm ci' }, () => {
  const dir = scratch()
  // As a release does it: the folders of all platforms, here with the binary of this one.
  copyFileSync(join(here, 'package.json'), join(dir, 'package.json'))
  mkdirSync(join(dir, 'npm'))
  run(process.execPath, [napi, 'create-npm-dirs', '--npm-dir', 'npm'], dir)
  const { napi: settings } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
  assert.equal(readdirSync(join(dir, 'npm')).length, settings.targets.length)
  const folder = join(dir, 'npm', platform())
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  assert.equal(about.name, `shortlist-${platform()}`)
  copyFileSync(addon(dir), join(folder, about.main))

  const main = pack(here, dir)
  const project = join(dir, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"name": "empty", "version": "1.0.0"}')
  npm(['install', '--offline', main], project)
  assert.ok(!existsSync(join(project, 'node_modules', 'shortlist', 'test')))
  assert.throws(() => node("require('shortlist')", project), (failed) => {
    assert.ok(failed.stderr.includes(`The package shortlist-${platform()} is missing`), failed.stderr)
    assert.match(failed.stderr, /--include=optional/)
    return true
  })

  npm(['install', '--offline', pack(folder, dir)], project)
  const version = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).version
  assert.equal(node(`const { Engine, version } = require('shortlist')\n${CALLS}`, project).trim(), `ada ${version}`)
  assert.equal(node(`import { Engine, version } from 'shortlist'\n${CALLS}`, project, ['--input-type=module']).trim(), `ada ${version}`)
  assert.ok(statSync(main).size < 100_000)
})
