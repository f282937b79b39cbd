'use strict'

const native = require('./lib/native')
const { classes } = require('./lib/errors')
const { Engine, Tenant } = require('./lib/engine')
const { Sync, postgres } = require('./lib/postgres')

module.exports = { Engine, Tenant, Sync, postgres, version: native.version, ...classes }
