'use strict'

// Finds the compiled engine. SHORTLIST_NODE_LIBRARY names another one to load; else it lies beside this package (a
// build from source) or in the package of this platform, which npm installs by itself.

const { existsSync } = require('node:fs')
const { join } = require('node:path')

const BUILD = 'Build it with `npm run build` in bindings-node (it needs Rust), or set SHORTLIST_NODE_LIBRARY to a copy of it whose name ends in .node.'

function platformName() {
  const { platform, arch } = process
  if (platform === 'linux') {
    const { header } = process.report.getReport()
    return `linux-${arch}-${header.glibcVersionRuntime ? 'gnu' : 'musl'}`
  }
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`
}

/** The platforms that there are packages for. */
const PLATFORMS = ['linux-x64-gnu', 'linux-x64-musl', 'linux-arm64-gnu', 'linux-arm64-musl', 'darwin-x64', 'darwin-arm64', 'win32-x64-msvc']

function find() {
  const named = process.env.SHORTLIST_NODE_LIBRARY
  if (named) {
    if (existsSync(named)) return named
    throw new Error(`Shortlist's compiled engine is not at ${named}, which SHORTLIST_NODE_LIBRARY names. ${BUILD}`)
  }
  const platform = platformName()
  const beside = join(__dirname, '..', `shortlist.${platform}.node`)
  if (existsSync(beside)) return beside
  const package_ = `shortlist-${platform}`
  try {
    return require.resolve(package_)
  } catch (cause) {
    const remedy = PLATFORMS.includes(platform)
      ? `The package ${package_} is missing: install with optional dependencies (\`npm install --include=optional\`), on this platform and not on another one. `
      : `There is no package for ${platform} (there are for ${PLATFORMS.join(', ')}). `
    throw new Error(`Shortlist's compiled engine is not at ${beside}. ${remedy}${BUILD}`, { cause })
  }
}

function load() {
  const path = find()
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

module.exports = load()
