'use strict'

const assert = require('node:assert/strict')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { after, before, test } = require('node:test')
const { addon, importFresh, workspaceVersion } = require('./addon.js')

let dir

before(() => {
  dir = mkdtempSync(join(tmpdir(), 'shortlist-node-'))
})

after(() => rmSync(dir, { recursive: true, force: true }))

test('the package has the version of the workspace', () => {
  assert.equal(importFresh(addon(dir)).version(), workspaceVersion())
  assert.equal(require('../package.json').version, workspaceVersion())
})

test('a missing engine is named, with the way to build it', () => {
  const missing = join(dir, 'missing.node')
  assert.throws(() => importFresh(missing), (error) => {
    assert.ok(error.message.includes(missing))
    assert.match(error.message, /npm run build/)
    return true
  })
})

test('an engine that does not load keeps the cause', () => {
  const broken = join(dir, 'broken.node')
  writeFileSync(broken, 'not a library')
  assert.throws(() => importFresh(broken), (error) => {
    assert.match(error.message, /does not load in Node/)
    assert.ok(error.cause)
    return true
  })
})
