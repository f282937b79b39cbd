// The app as it is built: started, asked for its page and its route, and stopped.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const port = 20_000 + (process.pid % 20_000)
const at = (path) => fetch(`http://localhost:${port}${path}`)
let server

before(async () => {
  const next = fileURLToPath(new URL('node_modules/next/dist/bin/next', import.meta.url))
  server = spawn(process.execPath, [next, 'start', '--port', String(port)], { cwd: fileURLToPath(new URL('.', import.meta.url)), stdio: 'inherit' })
  for (let tries = 0; tries < 300; tries++) {
    if (await at('/').catch(() => undefined)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail('the server does not answer')
})

after(() => server?.kill())

test('the page is rendered from the engine', async () => {
  const text = (await (await at('/')).text()).replaceAll('<!-- -->', '')
  assert.match(text, /<h1>3 advisors<\/h1>/)
  assert.match(text, /<li>Controller, Bookkeeping, Audit: 95 an hour<\/li>/)
})

test('the route answers the engine\'s own bytes, and refuses with its error', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => at('/api/advisors?service=Audit')))
  for (const answer of answers) {
    const { hits, total } = await answer.json()
    assert.deepEqual([total, hits.map((hit) => hit.id)], [2, ['ben', 'cat']])
  }
  const refused = await at(`/api/advisors?q=${'x'.repeat(2_000)}`)
  assert.deepEqual([refused.status, (await refused.json()).error.code], [400, 'SL1009'])
})
