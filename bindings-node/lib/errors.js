'use strict'

// One class for each kind of error that the core has, below one for each of those who have to act.

/** Whatever Shortlist refuses or fails at. */
class ShortlistError extends Error {
  constructor(parts, options) {
    super(parts.message, options)
    this.code = parts.code
    this.actor = parts.actor
    this.field = parts.field ?? undefined
    this.value = parts.value ?? undefined
    this.hint = parts.hint ?? undefined
    this.index = parts.index ?? undefined
  }

  get name() {
    return this.constructor.name
  }

  toJSON() {
    const { name, code, actor, message, field, value, hint, index } = this
    return { name, code, actor, message, field, value, hint, index }
  }
}

class CallerError extends ShortlistError {}
class OperatorError extends ShortlistError {}
class InternalError extends ShortlistError {}

/** Each kind of error with who has to act. */
const KINDS = {
  UnknownField: CallerError,
  WrongType: CallerError,
  OutOfRange: CallerError,
  MissingField: CallerError,
  InvalidEmbedding: CallerError,
  WrongDimension: CallerError,
  DuplicateId: CallerError,
  Malformed: CallerError,
  TooLarge: CallerError,
  CursorRefused: CallerError,
  NotFound: CallerError,
  NotYet: CallerError,
  ConditionNotMet: CallerError,
  BeingIndexed: CallerError,
  RemovedField: CallerError,
  EmbedderMismatch: CallerError,
  TimedOut: CallerError,
  Cancelled: CallerError,
  NoPlace: CallerError,
  HoldEnded: CallerError,
  EmbeddingsFile: CallerError,
  ReadOnly: CallerError,
  NotAnIndex: OperatorError,
  Damaged: OperatorError,
  NewerFormat: OperatorError,
  Io: OperatorError,
  DiskFull: OperatorError,
  Locked: OperatorError,
  Postgres: OperatorError,
  Mapping: OperatorError,
  JournalBehind: OperatorError,
  Forked: OperatorError,
  Closed: OperatorError,
  EmbedderFailed: OperatorError,
}

const BY_ACTOR = { caller: CallerError, operator: OperatorError }
const classes = { ShortlistError, CallerError, OperatorError, InternalError }
for (const [kind, Base] of Object.entries(KINDS)) {
  const name = `${kind}Error`
  classes[name] = { [name]: class extends Base {} }[name]
}

/** The error whose parts the engine wrote as JSON. */
function errorOf(json, options) {
  const parts = typeof json === 'string' ? JSON.parse(json) : json
  const Class = classes[`${parts.kind}Error`] ?? BY_ACTOR[parts.actor] ?? InternalError
  return new Class(parts, options)
}

/** What was thrown by a native call, as an error of ours. */
function typed(thrown) {
  if (thrown instanceof ShortlistError) return thrown
  const reason = thrown instanceof Error ? thrown.message : undefined
  if (reason?.startsWith('{"kind":')) {
    const error = errorOf(reason)
    Error.captureStackTrace?.(error, typed)
    return error
  }
  return new InternalError({ code: 'SL3001', actor: 'us', message: `internal error: ${reason ?? thrown}; please report it` }, { cause: thrown })
}

module.exports = { classes, errorOf, typed }
