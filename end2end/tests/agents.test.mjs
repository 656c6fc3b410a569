// Agents with the official MCP SDKs and over HTTP, while a person has the session open.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { callApi, connectAgent, connectModernAgent, tokenFromInfoTab } from '../support/mcp.mjs'
import { hasStatus, keyboard } from '../support/browser.mjs'
import { openTab } from '../support/road.mjs'
import { read } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

const spec = (...keys) => ({
  files: [
    {
      path: '.env',
      keys: keys.map((key) => ({ key, description: `What ${key} is`, evidence: [{ path: 'src/app.ts', line: 3 }] })),
    },
  ],
})
const outcomes = (result) =>
  Object.fromEntries(result.structuredContent.keys.map(({ key, outcome }) => [key, outcome]))

for (const backend of ['sqlite', 'postgres']) {
  describe(`agents on ${backend}`, () => {
    const stage = setStage()
    let server, page, session, token, agent
    const traffic = []
    /** Fills a slot in the panel, as a person does. */
    const fill = async (key, value) => {
      await openTab(page, 'Environment')
      const panel = page.locator('.sidebar')
      await panel.getByLabel(`Value for ${key}`, { exact: true }).fill(value)
      await panel.getByRole('button', { name: `Save ${key}`, exact: true }).click()
    }
    before(async () => {
      ;({ server, page, session } = await stage.setup({ backend }))
    })

    it('are let in with a token that the Info tab shows once, with lines to connect', async () => {
      await openTab(page, 'Info')
      await page.getByLabel(/^Name/).fill('Claude Code')
      await page.getByRole('button', { name: 'Make a token' }).click()
      const field = page.getByLabel('The token', { exact: true })
      token = await field.inputValue()
      assert.match(token, /^ks_sess_[\w-]{43}$/)
      await keyboard(page, (here) => here.id === 'fresh-token')
      for (const program of ['Claude Code', 'Cursor', 'VS Code', 'Codex', 'curl']) {
        await page.locator('.fresh summary', { hasText: program }).click()
        const text = await page.getByLabel(`Text for ${program}`, { exact: true }).textContent()
        assert.ok(text.includes(server.address) && !text.includes(token), `${program}: ${text}`)
      }
      await page.getByRole('button', { name: 'I have it' }).click()
      await page.getByRole('list', { name: 'Tokens' }).getByText('Claude Code', { exact: true }).waitFor()
      assert.ok(!(await page.content()).includes(token))
    })

    it('list tools that say when to call them', async () => {
      agent = await connectAgent(server, token, traffic)
      stage.later(() => agent.close())
      assert.match(agent.getInstructions(), /save_env_files/)
      const { tools } = await agent.listTools()
      assert.deepEqual(
        tools.map((tool) => tool.name),
        [
          'save_env_files',
          'request_env_variables',
          'get_request',
          'cancel_request',
          'get_proposal',
          'get_environment',
          'save_service_commands',
          'get_service_commands',
          'read_notes',
          'save_snapshot',
          'get_snapshot',
          'finish_setup',
        ],
      )
      assert.ok(tools.every((tool) => tool.description.length > 80 && tool.inputSchema.type === 'object'))
    })

    it('save a spec that the open panel shows at once', async () => {
      await openTab(page, 'Environment')
      const result = await agent.callTool({ name: 'save_env_files', arguments: spec('DATABASE_URL', 'API_TOKEN', 'REGION') })
      assert.deepEqual([result.isError, result.structuredContent.changed, result.structuredContent.missing], [false, true, 3])
      await hasStatus(page, 'API_TOKEN', 'missing')
      const again = await agent.callTool({ name: 'save_env_files', arguments: spec('DATABASE_URL', 'API_TOKEN', 'REGION') })
      assert.equal(again.structuredContent.changed, false)
    })

    it('are refused a bad spec with every field named, and nothing changes', async () => {
      const bad = { files: [{ path: '../x', keys: [{ key: 'A' }] }] }
      const result = await agent.callTool({ name: 'save_env_files', arguments: bad })
      assert.equal(result.isError, true)
      assert.equal(JSON.parse(result.content[0].text).errors[0].field, 'files[0].path')
      await hasStatus(page, 'API_TOKEN', 'missing')
    })

    it('ask for values and wait with progress until a person gave them', async () => {
      const heard = []
      const asked = { keys: [{ key: 'API_TOKEN' }, { key: 'CACHE_URL', description: 'Where the cache is' }] }
      const waiting = agent.callTool({ name: 'request_env_variables', arguments: asked }, undefined, {
        onprogress: (progress) => heard.push(progress.message),
        resetTimeoutOnProgress: true,
        timeout: 30_000,
      })
      await hasStatus(page, 'CACHE_URL', 'missing')
      await fill('API_TOKEN', 'agents-canary-1')
      await fill('CACHE_URL', 'redis://agents-canary-2')
      const result = await waiting
      assert.deepEqual(outcomes(result), { API_TOKEN: 'submitted', CACHE_URL: 'submitted' })
      assert.match(heard[0], /0 of 2 keys answered/)
      assert.match(read(session, server, '.env'), /^CACHE_URL=.?redis:\/\/agents-canary-2.?$/m)
      assert.ok(!JSON.stringify(result).includes('canary'))
    })

    it('that cannot wait get a pending id to look again with', async () => {
      const asked = { keys: [{ key: 'REGION' }, { key: 'API_TOKEN' }], waitSeconds: 0 }
      const pending = await agent.callTool({ name: 'request_env_variables', arguments: asked })
      assert.equal(pending.structuredContent.state, 'pending')
      assert.equal(pending.structuredContent.url, `${server.origin}/sessions/${session}?tab=environment`)
      const waiting = agent.callTool({ name: 'get_request', arguments: { id: pending.structuredContent.id, waitSeconds: 30 } })
      await fill('REGION', 'agents-canary-3')
      assert.deepEqual(outcomes(await waiting), { REGION: 'submitted', API_TOKEN: 'already_set' })
    })

    it('of protocol 2026-07-28 are offered the link to the card, and wait once it was shown', async () => {
      const offered = []
      const modern = await connectModernAgent(server, token, (link) => (offered.push(link), 'accept'), traffic)
      const waiting = modern.callTool({ name: 'request_env_variables', arguments: { keys: [{ key: 'QUEUE_URL' }] } })
      await hasStatus(page, 'QUEUE_URL', 'missing')
      await fill('QUEUE_URL', 'amqp://agents-canary-4')
      assert.deepEqual(outcomes(await waiting), { QUEUE_URL: 'submitted' })
      assert.equal(offered.length, 1)
      assert.equal(offered[0].mode, 'url')
      assert.equal(offered[0].url, `${server.origin}/sessions/${session}?tab=environment`)
      assert.match(offered[0].message, /QUEUE_URL/)
      // Whoever opens the link must be signed in: it carries no right.
      const stranger = await stage.open()
      await stranger.page.goto(offered[0].url)
      assert.match(stranger.page.url(), /\/sign-in/)
      await stranger.context.close()
      await modern.close()
    })

    it('do the same over HTTP, with an OpenAPI document that is valid', async () => {
      const document = await (await fetch(`${server.address}/api/v1/openapi.json`)).json()
      const validator = new Validator()
      const { valid, errors } = await validator.validate(document)
      assert.ok(valid, JSON.stringify(errors))
      assert.equal(validator.version, '3.1')
      const environment = await callApi(server, token, 'GET', '/environment', undefined, traffic)
      assert.deepEqual([environment.status, environment.body.readiness], [200, 'needs_values'])
      const refused = await callApi(server, token, 'PUT', '/env-files', { files: [{ path: '.env' }] }, traffic)
      assert.deepEqual([refused.status, refused.type, refused.body.errors[0].field], [422, 'application/problem+json', 'files[0].keys'])
    })

    it('show in the thread as compact rows', async () => {
      const thread = page.getByRole('region', { name: /thread/i }).or(page.locator('.thread')).first()
      for (const tool of ['save_env_files', 'get_environment']) await thread.getByText(tool).first().waitFor()
    })

    it('never heard a value', () => {
      const leaks = traffic.filter(([, text]) => text.includes('canary')).map(([what]) => what)
      assert.deepEqual(leaks, [])
      assert.ok(traffic.some(([, text]) => text.includes('"submitted"')), 'the traffic was listened to')
    })

    it('are cut off when a person revokes their token', async () => {
      await openTab(page, 'Info')
      const row = page.getByRole('listitem').filter({ hasText: 'Claude Code' })
      await row.getByText('Revoke', { exact: true }).click()
      await row.getByText(/cut off at once/).waitFor()
      await row.getByRole('button', { name: 'Yes, revoke Claude Code' }).click()
      await row.getByText('Revoked', { exact: true }).waitFor()
      await assert.rejects(agent.callTool({ name: 'get_environment', arguments: {} }), /401|revoked/i)
      const refused = await callApi(server, token, 'GET', '/environment')
      assert.deepEqual([refused.status, refused.body.type], [401, 'urn:keyslot:problem:token-revoked'])
    })

    it('of a sandbox get no tools', async () => {
      const sandbox = await tokenFromInfoTab(page, { purpose: 'sandbox', name: 'CI' })
      const refused = await callApi(server, sandbox, 'GET', '/environment')
      assert.deepEqual([refused.status, refused.body.type], [403, 'urn:keyslot:problem:wrong-purpose'])
      await assert.rejects(connectAgent(server, sandbox))
    })
  })
}

describe('a token without scripts', () => {
  const stage = setStage()

  it('is made by a plain form and shown once on a page of its own', async () => {
    const { server, page, session } = await stage.setup({ javaScriptEnabled: false })
    await page.goto(`${server.origin}/sessions/${session}?tab=info`)
    await page.getByLabel(/^Name/).fill('Codex')
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.getByRole('heading', { name: 'The token Codex' }).waitFor()
    const token = await page.getByLabel('The token', { exact: true }).inputValue()
    assert.ok(!page.url().includes('ks_sess_'))
    const { status } = await callApi(server, token, 'GET', '/environment')
    assert.equal(status, 200)
    await page.getByRole('link', { name: 'Back to the session' }).click()
    const row = page.getByRole('listitem').filter({ hasText: 'Codex' })
    await row.getByText('Revoke', { exact: true }).click()
    await row.getByRole('button', { name: 'Yes, revoke Codex' }).click()
    await row.getByText('Revoked', { exact: true }).waitFor()
    assert.ok(!(await page.content()).includes(token))
  })
})
