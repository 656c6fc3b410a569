// An agent at work in a session, through the HTTP API and with a token of its own, as any program would be.
import assert from 'node:assert/strict'
import { post } from './road.mjs'

export async function agentOf(context, server, session, name = 'Deploy agent') {
  const { token } = await post(context, server, 'create_token', { session, name, purpose: 'agent', days: '1' })
  const call = async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(`${server.address}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path}: ${text}`)
    return text ? JSON.parse(text) : undefined
  }
  return {
    /** For those who send for themselves. */
    token,
    /** Asks people for values; answers the request as it stands. */
    ask: (ask) => call('POST', '/requests', ask),
    /** How a request stands, after waiting so many seconds at most. */
    request: (id, wait = 20) => call('GET', `/requests/${id}?wait=${wait}`),
    cancel: (id) => call('DELETE', `/requests/${id}`),
    saveEnvFiles: (spec) => call('PUT', '/env-files', spec),
    saveCommands: (commands) => call('PUT', '/service-commands', { commands }),
    saveSnapshot: (name) => call('POST', '/snapshots?wait=60', { name }),
    finishAnyway: () => call('POST', '/finish', { anyway: true }),
    /** How a proposal stands, after waiting so many seconds at most. */
    proposal: (id, wait = 20) => call('GET', `/proposals/${id}?wait=${wait}`),
    notes: () => call('GET', '/notes'),
  }
}

/** The card of a proposal. */
export const proposalCard = (page, id) => page.locator(`[id="proposal:${id}"]`)

/** The card of a request, and a key's row in it. */
export const card = (page, id) => page.locator(`[data-request][id="request:${id}"]`)
export const asked = (page, id, key) => card(page, id).locator(`[data-asked="${key}"]`)
export const field = (page, id, key) => card(page, id).getByLabel(`Value for ${key} in the request`, { exact: true })
