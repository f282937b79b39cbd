'use strict'

const native = require('./lib/native')
const { classes } = require('./lib/errors')
const { Engine, Tenant } = require('./lib/engine')
const { Sync, postgres } = require('./lib/postgres')
const { Subscription } = require('./lib/subscription')

module.exports = { Engine, Tenant, Subscription, Sync, postgres, version: native.version, ...classes }
