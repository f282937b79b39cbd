import { Engine } from 'shortlist'

// One engine for the whole process: route handlers and pages are bundled apart, and in development loaded anew with every
// change, but they share `globalThis`.

async function begin() {
  if (process.env.SHORTLIST_INDEX) return Engine.openReadOnly(process.env.SHORTLIST_INDEX)
  const engine = Engine.inMemory()
  const advisor = (id, professionalTitle, services, hourlyRate) => ({ id, professionalTitle, services, hourlyRate, marketplaceStatus: 'active', isVerified: true })
  await engine.upsert([
    advisor('ada', 'Fractional CFO', ['Tax Planning', 'Fundraising'], 180),
    advisor('ben', 'Controller', ['Bookkeeping', 'Audit'], 95),
    advisor('cat', 'Interim CFO', ['Tax Planning', 'Audit'], 150),
  ])
  return engine
}

export const engine = () => (globalThis.shortlistEngine ??= begin())
