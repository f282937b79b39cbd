'use strict'

// Finds the compiled engine and hands it on. SHORTLIST_NODE_LIBRARY names another one to load.

const { existsSync } = require('node:fs')
const { join } = require('node:path')

function platformName() {
  const { platform, arch } = process
  if (platform === 'linux') {
    const glibc = process.report.getReport().header.glibcVersionRuntime
    return `linux-${arch}-${glibc ? 'gnu' : 'musl'}`
  }
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`
}

function load() {
  const name = `shortlist.${platformName()}.node`
  const path = process.env.SHORTLIST_NODE_LIBRARY || join(__dirname, name)
  if (!existsSync(path)) {
    throw new Error(
      `Shortlist's compiled engine is not at ${path}. ` +
        'Build it with `npm run build` in bindings-node (it needs Rust), ' +
        'or set SHORTLIST_NODE_LIBRARY to a copy of it whose name ends in .node.',
    )
  }
  try {
    return require(path)
  } catch (cause) {
    throw new Error(
      `Shortlist's compiled engine ${path} does not load in Node ${process.versions.node} ` +
        `on ${process.platform} ${process.arch}: ${cause.message}`,
      { cause },
    )
  }
}

const native = load()

module.exports.version = native.version
