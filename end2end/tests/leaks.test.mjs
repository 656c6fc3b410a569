// Plants known values, walks the road, and looks for them everywhere but in the sandbox's env files.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { decompress } from 'fzstd'
import { callApi, connectAgent, tokenFromInfoTab } from '../support/mcp.mjs'
import { hasStatus, hydrated, row } from '../support/browser.mjs'
import { inPreview, paste, preview } from '../support/import.mjs'
import { VALUES } from '../support/project.mjs'
import { connect, fill, finishAnyway, goToWork, openTab, saveSnapshots, signIn } from '../support/road.mjs'
import { makeToken, until } from '../support/sandbox.mjs'
import { dumpPostgres, folderOf, read } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'
import { listenIn } from '../support/traffic.mjs'

// Every planted value holds this word; base64 shows it in one of three shapes, by where it starts.
const WORD = 'canary'
const SHAPES = [WORD, 'Y2FuYXJ5', 'NhbmFy', 'jYW5hcn', Buffer.from(WORD).toString('hex')]
const found = (bytes) => {
  const text = Buffer.isBuffer(bytes) ? bytes.toString('latin1') : bytes
  return SHAPES.filter((shape) => text.includes(shape))
}

function* filesBelow(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const entry = statSync(path, { throwIfNoEntry: false })
    if (entry?.isDirectory()) yield* filesBelow(path)
    else if (entry?.isFile()) yield path
  }
}

/** Reads the arguments and environment of every process, over and over, until stopped. */
function watchProcesses() {
  const seen = new Map()
  const look = () => {
    for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid))) {
      for (const part of ['cmdline', 'environ']) {
        try {
          const text = readFileSync(`/proc/${id}/${part}`)
          if (found(text).length) seen.set(`${part} of process ${id}`, text.toString().slice(0, 200))
        } catch {
          // It ended meanwhile, or belongs to somebody else.
        }
      }
    }
  }
  const timer = setInterval(look, 5)
  return () => (clearInterval(timer), [...seen.keys()])
}

for (const backend of ['sqlite', 'postgres']) {
  describe(`known values planted on ${backend}`, () => {
    const stage = setStage()
    let server, project, page, context
    const bodies = []
    const pages = []
    const traffic = []
    before(async () => {
      project = stage.project()
      server = await stage.server({ backend, log: 'trace' })
      ;({ page, context } = await stage.open())
      page.on('response', async (response) => {
        const body = await response.body().catch(() => Buffer.alloc(0))
        bodies.push([`${response.request().method()} ${response.url()}`, JSON.stringify(response.headers()), body])
      })
    })

    it('are found nowhere but in the env files of a sandbox', async () => {
      const stopWatching = watchProcesses()
      stage.later(stopWatching)
      await signIn(page, server)
      await hydrated(page)
      const setup = await connect(page, project)
      await hasStatus(page, 'DATABASE_URL', 'missing')
      const events = followEvents(server, await context.cookies(), setup)
      stage.later(events.stop)

      await fill(page, 'DATABASE_URL', VALUES.DATABASE_URL, { scope: 'Organization' })
      await fill(page, 'STRIPE_SECRET_KEY', VALUES.STRIPE_SECRET_KEY, { scope: 'This session only' })
      await fill(page, 'PRIVATE_KEY', VALUES.PRIVATE_KEY)
      await fill(page, 'PUBLIC_NAME', VALUES.PUBLIC_NAME)
      pages.push(await page.content())
      await importSome(page, pages)
      const token = await driveAgent(page, server, traffic)
      await row(page, 'DATABASE_URL').getByRole('button', { name: 'Replace DATABASE_URL' }).click()
      // Refused, because no quoting carries it: the answer must not repeat it.
      const field = row(page, 'DATABASE_URL').getByLabel('Value for DATABASE_URL', { exact: true })
      await field.fill(`postgres://it's-a-${WORD}-"with"-both`)
      await field.press('Enter')
      await row(page, 'DATABASE_URL').getByRole('alert').waitFor()
      pages.push(await page.content())

      await saveSnapshots(page, setup, server)
      pages.push(await page.content())
      await openTab(page, 'Auto-start')
      const printer = 'cat .env apps/web/.env.local; base64 .env; base64 -w0 apps/web/.env.local; sleep 300'
      await page.getByRole('textbox', { name: 'Command 1', exact: true }).fill(printer)
      await page.getByRole('button', { name: 'Save commands' }).click()
      await page.getByText('Saved. Work sessions that start from now on run them.').waitFor()
      await openTab(page, 'Environment')
      await finishAnyway(page)
      const work = await goToWork(page, setup)
      // A sandbox elsewhere, with somebody who listens in between.
      const relay = await listenIn(server.address)
      stage.later(relay.stop)
      const elsewhere = stage.sandbox(relay.origin, await makeToken(page, work))
      await until('the sandbox elsewhere has the values', () => found(elsewhere.read('.env')).length > 0)
      await until('it said so', () => relay.asked().includes('/api/v1/sandbox/report'))
      await openTab(page, 'Auto-start')
      const printed = page.getByRole('log', { name: 'Output of command 1' })
      await until('the command printed everything', async () => {
        const text = await printed.textContent()
        return ['DATABASE_URL', 'PUBLIC_NAME', 'PRIVATE_KEY'].every((key) => text.split(`«secret ${key}»`).length > 2)
      })
      // As whoever looks at the page later gets it.
      await page.reload()
      await hydrated(page)
      await printed.getByText('«secret DATABASE_URL»').first().waitFor()
      pages.push(await page.content())
      await openTab(page, 'Info')
      await page.getByText('DATABASE_URL').first().waitFor()
      for (const tab of ['Environment', 'Snapshots', 'Auto-start']) {
        await openTab(page, tab)
        pages.push(await page.content())
      }
      await page.goto(`${server.origin}/`)
      await page.getByRole('button', { name: 'Values of shop' }).click()
      await page.locator('[data-slot="DATABASE_URL"]').waitFor({ state: 'attached' })
      pages.push(await page.content())
      await settings(page, server)
      pages.push(await page.content())
      await heldElsewhere(page, server, stage, pages)
      assert.equal(await elsewhere.stop(), 0, elsewhere.said())
      relay.stop()
      const archived = [...filesBelow(join(server.data, 'snapshots'))]
      assert.equal(archived.length, 1, 'one snapshot was kept')
      const inProcesses = stopWatching()
      const heard = await events.stop()
      await server.stop()

      assert.ok(found(read(work, server, '.env')).length, 'the search finds the values where they belong')
      assert.match(heard, /event: change/, 'the event stream was listened to')
      assert.ok(found(relay.answered()).length, 'values travel in the answers to a sandbox')
      assert.deepEqual(inProcesses, [], 'process arguments and environments')
      const places = [
        ...bodies.flatMap(([name, headers, body]) => [[`answer to ${name}`, body], [`headers of ${name}`, headers]]),
        ...pages.map((html, index) => [`page ${index}`, html]),
        ['the event stream', heard],
        ...traffic,
        ['what a sandbox elsewhere asks', relay.asked()],
        ['the heads of what it is answered', relay.heads()],
        ['what it says', elsewhere.said()],
        ['the log', server.log()],
        ['standard output', server.output()],
        ...(server.databaseUrl ? [['the database', dumpPostgres(server.databaseUrl)]] : []),
        ...[...filesBelow(server.data)].map((path) => [path.slice(server.data.length), readFileSync(path)]),
        ...archived.map((path) => [`unpacked ${path.slice(server.data.length)}`, Buffer.from(decompress(readFileSync(path)))]),
      ]
      const leaks = places.filter(([, text]) => found(text).length).map(([name]) => name.replaceAll(/sandboxes\/[^/]+/g, 'sandbox'))
      assert.deepEqual(leaks.sort(), ['/sandbox/workspace/.env', '/sandbox/workspace/apps/web/.env.local'])
      assert.ok(traffic.some(([, text]) => text.includes('submitted')), 'the agent was listened to')
      const told = places.filter(([, text]) => text.includes(token.slice('ks_sess_'.length))).map(([name]) => name)
      assert.deepEqual(told, [`answer to POST ${server.origin}/fn/create_token`], 'a token is told once')
    })
  })
}

/** A secret of the organization that is added, refused, replaced, described and deleted. */
async function settings(page, server) {
  await page.goto(`${server.origin}/settings/secrets`)
  await hydrated(page)
  const secret = page.locator('[data-secret="SHARED"]')
  const add = async (value) => {
    const form = page.getByLabel('Key', { exact: true })
    if (!(await form.isVisible())) await page.getByText('Add a secret').click()
    await form.fill('SHARED')
    await page.getByLabel('Value for the new secret', { exact: true }).fill(value)
    await page.getByRole('button', { name: 'Add secret' }).click()
  }
  await add(`${WORD} for everybody`)
  await secret.waitFor()
  await add(`${WORD} again`)
  await page.getByRole('link', { name: 'Replace the value of SHARED' }).click()
  await secret.getByText('Version 2').waitFor()
  const known = page.locator('[data-secret="DATABASE_URL"]')
  await known.getByRole('button', { name: 'Replace DATABASE_URL' }).click()
  // Refused, because no quoting carries it: the answer must not repeat it.
  await known.getByLabel('Value for DATABASE_URL', { exact: true }).fill(`it's a ${WORD} "with" both`)
  await known.getByRole('button', { name: 'Save DATABASE_URL' }).click()
  await known.getByText('cannot hold this value').waitFor()
  await secret.getByRole('button', { name: 'Delete SHARED' }).click()
  await secret.getByRole('button', { name: 'Yes, delete SHARED' }).click()
  await secret.waitFor({ state: 'detached' })
}

/** A configuration that asks for a value of the organization, which stays shut until it is released and after that. */
async function heldElsewhere(page, server, stage, pages) {
  await page.goto(`${server.origin}/`)
  await hydrated(page)
  const session = await connect(page, stage.project(), { trusted: false })
  await hasStatus(page, 'DATABASE_URL', 'held')
  pages.push(await page.content())
  for (const path of filesBelow(folderOf(session, server))) assert.deepEqual(found(readFileSync(path)), [], path)
  await page.getByRole('button', { name: "Use it: the organization's value of DATABASE_URL" }).click()
  await hasStatus(page, 'DATABASE_URL', 'set')
  await until('the value is written', () => found(readFileSync(join(folderOf(session, server), '.env'))).length > 0)
  await page.getByRole('button', { name: "Stop using it here: the organization's value of DATABASE_URL" }).click()
  await hasStatus(page, 'DATABASE_URL', 'held')
  pages.push(await page.content())
}

/** An env file that is previewed, saved, and pasted again; and one that is refused. */
async function importSome(page, pages) {
  const text = `FLAGS=${VALUES.FLAGS}\nPUBLIC_NAME="${WORD} imported"\nLEFT_OUT=${WORD}`
  await paste(page, text, { at: 'body' })
  pages.push(await page.content())
  await preview(page).getByRole('button', { name: 'Save 2 values' }).click()
  await page.getByText('Imported 2 values.').waitFor()
  await paste(page, text, { at: 'body' })
  await inPreview(page, 'FLAGS', 'same').waitFor()
  pages.push(await page.content())
  await preview(page).getByRole('button', { name: 'Discard' }).click()
  await page.evaluate(async (word) => {
    const destination = `session:${location.pathname.split('/').pop()}`
    const body = new URLSearchParams({ destination, choice: 'organization', text: `${word} is no line` })
    await fetch('/fn/import_text', { method: 'POST', body })
    const entries = [{ key: 'FLAGS', scope: 'organization', value: `it's a "${word}"` }]
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    await fetch('/fn/import_values', { method: 'POST', headers, body: JSON.stringify({ destination, entries }) })
  }, WORD)
}

/** An agent that asks for a value over MCP, hears that it was given, and looks around over HTTP. Answers its token. */
async function driveAgent(page, server, traffic) {
  const token = await tokenFromInfoTab(page, { name: 'Agent' })
  const agent = await connectAgent(server, token, traffic)
  const asked = { keys: [{ key: 'DATABASE_URL' }, { key: 'AGENT_KEY' }] }
  const waiting = agent.callTool({ name: 'request_env_variables', arguments: asked }, undefined, {
    onprogress: () => {},
    resetTimeoutOnProgress: true,
  })
  await openTab(page, 'Environment')
  await fill(page, 'AGENT_KEY', `${WORD} for the agent`)
  assert.equal((await waiting).structuredContent.state, 'answered')
  const proposed = await agent.callTool({ name: 'save_service_commands', arguments: { commands: [{ command: 'true' }] } })
  assert.equal(proposed.structuredContent.proposal.state, 'pending')
  for (const name of ['get_proposal', 'get_environment', 'read_notes', 'get_request']) await agent.callTool({ name, arguments: {} })
  for (const path of ['/proposals/newest', '/environment', '/notes', '/requests/newest']) await callApi(server, token, 'GET', path, undefined, traffic)
  const refused = { files: [{ path: '.env', keys: [{ key: 'A', value: 'x' }] }] }
  assert.equal((await callApi(server, token, 'PUT', '/env-files', refused, traffic)).status, 422)
  await agent.close()
  return token
}

/** Listens to a session's event stream as a browser would. */
function followEvents(server, cookies, session) {
  const stopper = new AbortController()
  let text = ''
  const done = (async () => {
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const answer = await fetch(`${server.origin}/events/sessions/${session}`, { headers: { cookie }, signal: stopper.signal })
    for await (const chunk of answer.body) text += Buffer.from(chunk).toString()
  })().catch(() => {})
  return { stop: async () => (stopper.abort(), await done, text) }
}
