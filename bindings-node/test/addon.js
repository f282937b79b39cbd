'use strict'

const { execFileSync } = require('node:child_process')
const { copyFileSync, mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

const root = join(__dirname, '..', '..')

function cargo(args) {
  const stdio = ['ignore', 'pipe', 'inherit']
  return execFileSync('cargo', args, { cwd: root, encoding: 'utf8', stdio, maxBuffer: 1 << 28 })
}

// The library that cargo builds from this crate, or the ready one that SHORTLIST_NODE_BUILT names.
function builtLibrary() {
  if (process.env.SHORTLIST_NODE_BUILT) return process.env.SHORTLIST_NODE_BUILT
  const messages = cargo(['build', '-p', 'shortlist-node', '--message-format=json'])
  const artifact = messages
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .find((message) => message.reason === 'compiler-artifact' && message.target.name === 'shortlist_node')
  return artifact.filenames.find((name) => /\.(so|dylib|dll)$/.test(name))
}

/** Puts the compiled addon into `dir` under a name that Node loads, and gives its path. */
exports.addon = (dir) => {
  const path = join(dir, 'shortlist.node')
  copyFileSync(builtLibrary(), path)
  return path
}

/** A folder that is removed when the process ends. */
exports.scratch = () => {
  const dir = mkdtempSync(join(tmpdir(), 'shortlist-node-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** The package, with the addon as it was built. */
exports.shortlist = () => {
  process.env.SHORTLIST_NODE_LIBRARY ??= exports.addon(exports.scratch())
  return require('..')
}

/** Loads the package anew, with the addon at `path`. */
exports.importFresh = (path) => {
  for (const name of Object.keys(require.cache)) {
    if (name.startsWith(join(__dirname, '..')) && !name.startsWith(__dirname)) delete require.cache[name]
  }
  process.env.SHORTLIST_NODE_LIBRARY = path
  return require('..')
}

/** The version that all crates of the workspace share. */
exports.workspaceVersion = () => {
  const metadata = JSON.parse(cargo(['metadata', '--no-deps', '--format-version=1']))
  return metadata.packages.find((package_) => package_.name === 'shortlist-core').version
}

exports.root = root
