// Screenshots of every screen in both themes and two widths, into end2end/results; the README's own one into
// end2end/screenshots. Run by `make screenshots`.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { agentOf, card, proposalCard } from './support/agent.mjs'
import { hasStatus, hydrated, launch, openPage, row } from './support/browser.mjs'
import { inPreview, paste } from './support/import.mjs'
import { VALUES, makeProject } from './support/project.mjs'
import { connect, fill, openTab, post, saveSnapshots, signIn, startWork } from './support/road.mjs'
import { until } from './support/sandbox.mjs'
import { removeRepository, startServer } from './support/server.mjs'

const results = join(import.meta.dirname, 'results')
const kept = join(import.meta.dirname, 'screenshots')
for (const folder of [results, kept]) mkdirSync(folder, { recursive: true })

const server = await startServer()
const browser = await launch()
const first = await openPage(browser)
await signIn(first.page, server)
await hydrated(first.page)
const empty = await first.context.storageState()
await shoot('first', empty, `${server.origin}/`)
await shoot('secrets-first', empty, `${server.origin}/settings/secrets`)
const project = makeProject()
const session = await connect(first.page, project)
await hasStatus(first.page, 'DATABASE_URL', 'missing')
await fill(first.page, 'DATABASE_URL', VALUES.DATABASE_URL, { scope: 'Organization' })
await fill(first.page, 'STRIPE_SECRET_KEY', VALUES.STRIPE_SECRET_KEY, { scope: 'This session only' })
await row(first.page, 'SESSION_SECRET').getByRole('button', { name: 'Generate SESSION_SECRET' }).click()
await hasStatus(first.page, 'SESSION_SECRET', 'set')

const at = `${server.origin}/sessions/${session}`
await shoot('repositories', empty, `${server.origin}/`)
await saveSnapshots(first.page, session, server)
await openTab(first.page, 'Environment')
for (const tab of ['environment', 'info', 'snapshots', 'auto-start']) await shoot(tab, empty, `${at}?tab=${tab}`)

// A card that is closed, one that is half answered and one that nobody touched.
const agent = await agentOf(first.context, server, session)
const ask = (message, ...keys) => agent.ask({ message, keys })
const region = { key: 'DEPLOY_REGION', secret: false, description: 'Where the preview runs', suggestions: ['eu-central-1', 'us-east-1'] }
const old = await ask('The tests need a mail server.', { key: 'DATABASE_URL' }, { key: 'SMTP_URL', required: false }, { key: 'SMTP_FROM' })
const skip = card(first.page, old.id).getByRole('button', { name: 'Skip SMTP_URL in the request' })
await skip.click()
await skip.waitFor({ state: 'detached' })
await agent.cancel(old.id)
const half = await ask(
  'I can deploy a preview of the shop.\nFor that I need to know where, and a token that may write.',
  { key: 'DATABASE_URL' },
  region,
  { key: 'DEPLOY_TOKEN', description: 'Token of the deploy service', documentationUrl: 'https://example.test/tokens', generate: 'hex32' },
  { key: 'SENTRY_DSN', required: false, description: 'Only for error reports' },
)
const regionField = card(first.page, half.id).getByLabel('Value for DEPLOY_REGION in the request', { exact: true })
await regionField.fill('eu-central-1')
await regionField.press('Enter')
await hasStatus(first.page, 'DEPLOY_REGION', 'set')
await shoot('cards', empty, `${at}?tab=environment`)
await shoot('card-questions', empty, `${at}?tab=environment`, async (page) => {
  await card(page, half.id).getByRole('switch').first().uncheck()
  await card(page, half.id).getByText('Dismiss request').click()
  await row(page, 'STRIPE_SECRET_KEY').getByText('Keep for future sessions').click()
})
// Proposals: one of each kind, and one that was declined.
const declined = await agent.saveCommands([{ command: 'npm ci' }, { command: 'npm run dev -- --host' }])
const reason = 'We use pnpm here, see the README.'
await post(first.context, server, 'decline_proposal', { session, proposal: declined.proposal.id, reason })
const { configuration: shop } = await post(first.context, server, 'get_session', { session })
const stored = { 'commands[0][command]': 'docker compose up -d', 'commands[0][enabled]': 'true', 'commands[1][command]': 'npm run dev' }
await post(first.context, server, 'save_auto_start', { configuration: shop, ...stored })
const { proposal: wanted } = await agent.saveCommands([
  { command: 'docker compose up -d' },
  { command: 'pnpm install --frozen-lockfile --filter shop-web --filter shop-api --reporter append-only' },
  { command: 'pnpm run dev', enabled: false },
])
await agent.saveSnapshot('Installed with pnpm')
await agent.finishAnyway()
await shoot('proposals', empty, `${at}?tab=auto-start`, async (page) => {
  await proposalCard(page, wanted.id).getByText('Decline', { exact: true }).click()
  await proposalCard(page, wanted.id).scrollIntoViewIfNeeded()
})
await shoot('proposals-end', empty, `${at}?tab=auto-start`)
await post(first.context, server, 'save_auto_start', { configuration: shop })
// Each run finds the value of the run before, so it is replaced.
const entry = async (page) => {
  const replace = row(page, 'FLAGS').getByRole('button', { name: 'Replace FLAGS' })
  if (await replace.isVisible()) await replace.click()
  return row(page, 'FLAGS').getByLabel('Value for FLAGS', { exact: true })
}
await shoot('interrupted', empty, `${at}?tab=environment`, async (page) => {
  await (await entry(page)).fill('half-typed')
  const { page: other, context } = await openPage(browser, { storageState: empty })
  await other.goto(`${at}?tab=environment`)
  await hydrated(other)
  const field = await entry(other)
  await field.fill(VALUES.FLAGS)
  await field.press('Enter')
  await row(page, 'FLAGS').getByText('just set this value').waitFor()
  await context.close()
})
await shoot('finish', empty, at, async (page) => {
  await page.getByRole('button', { name: 'Finish setup' }).click()
  await page.getByRole('dialog').waitFor()
})
await shoot('replace', empty, `${at}?tab=environment`, async (page) => {
  await row(page, 'DATABASE_URL').getByRole('button', { name: 'Replace DATABASE_URL' }).click()
  await row(page, 'DATABASE_URL').getByLabel('Value for DATABASE_URL', { exact: true }).fill(`postgres://it's-"a"-problem`)
  await row(page, 'DATABASE_URL').getByRole('button', { name: 'Save DATABASE_URL' }).click()
  await row(page, 'DATABASE_URL').getByRole('alert').waitFor()
})
await shoot('values', empty, `${server.origin}/`, async (page) => {
  await page.getByRole('button', { name: 'Values of shop' }).click()
  await page.locator('[data-slot="PRIVATE_KEY"]').waitFor()
})
await shoot('new-configuration', empty, `${server.origin}/`, (page) => page.getByText('New configuration').click())
await shoot('configuration', empty, `${server.origin}/`, async (page) => {
  await page.getByRole('link', { name: 'Configure shop' }).click()
  await page.getByText('Attach a repository').click()
})
for (const [key, description] of [
  ['STRIPE_SECRET_KEY', 'Takes the money. A new one comes from the dashboard of the payment provider.'],
  ['OLD_TOKEN', ''],
]) {
  await post(first.context, server, 'add_secret', { key, description, value: VALUES.PUBLIC_NAME })
}
const secrets = `${server.origin}/settings/secrets`
await shoot('secrets', empty, secrets)
await shoot('secrets-forms', empty, secrets, async (page) => {
  await page.getByText('Add a secret').click()
  await page.getByLabel('Key', { exact: true }).fill('not-a-key')
  await page.getByRole('button', { name: 'Replace STRIPE_SECRET_KEY' }).click()
  await page.getByRole('button', { name: 'Delete DATABASE_URL' }).click()
})
await shoot('import', empty, `${at}?tab=environment`, async (page) => {
  const lines = [
    `DATABASE_URL=${VALUES.DATABASE_URL}`,
    "SESSION_SECRET=changeme",
    'PUBLIC_NAME=Shop',
    'PORT=3000',
    'PORT=4000',
    'OLD_TOKEN=abc',
    'a line that means nothing',
    `FLAGS='${VALUES.FLAGS}'`,
  ]
  await paste(page, lines.join('\n'), { at: 'body' })
  await inPreview(page, 'PUBLIC_NAME').waitFor()
  await inPreview(page, 'PUBLIC_NAME').getByRole('button', { name: /Show value/ }).click()
})
await shoot('import-form', empty, `${at}?tab=environment`, (page) => page.getByText('Import .env').click())
await shoot('doubtful', empty, `${at}?tab=environment`, async (page) => {
  await row(page, 'DATABASE_URL').locator('.slot-source summary').click()
  const field = row(page, 'PRIVATE_KEY').getByLabel('Value for PRIVATE_KEY', { exact: true })
  await field.fill('your-key-here')
  await field.press('Enter')
  await row(page, 'PRIVATE_KEY').getByText('Save it again').waitFor()
})
// Commands at work, and a session that waits.
const { configuration } = await post(first.context, server, 'get_session', { session })
const commands = [
  String.raw`printf 'added 214 packages in 3s\n\n62 packages are looking for funding\n'`,
  'cat .env; while :; do sleep 1; done',
  'cat apps/web/.env.local; exit 3',
  'npm run worker -- --queue orders --concurrency 4 --with-a-rather-long-option=and-a-value-that-wraps',
]
const listed = commands.map((command, at) => [`commands[${at}][command]`, command])
const ticked = commands.map((_, at) => [`commands[${at}][enabled]`, 'true'])
await post(first.context, server, 'save_auto_start', { configuration, ...Object.fromEntries([...listed, ...ticked]) })
const runs = await startWork(first.context, server, session, 'running')
await until('a command failed', async () => (await post(first.context, server, 'get_command_runs', { session: runs })).runs?.[2]?.state.state === 'failed')
await shoot('commands', empty, `${server.origin}/sessions/${runs}?tab=auto-start`)
await shoot('work-info', empty, `${server.origin}/sessions/${runs}?tab=info`)
await post(first.context, server, 'set_boot_policy', { configuration, policy: 'block' })
const waits = await startWork(first.context, server, session, 'waiting')
await shoot('gate', empty, `${server.origin}/sessions/${waits}`)
await shoot('policy', empty, `${server.origin}/sessions/${waits}?tab=info`)
await shoot('not-found', empty, `${server.origin}/no/such/page`)
await shoot('sign-in', undefined, `${server.origin}/sign-in?problem=used`)

await keep('workspace', `${at}?tab=environment`)
await keep('repositories', `${server.origin}/?configuration=${await shopId()}`, 'dark')
await keep('secrets', `${server.origin}/settings/secrets`)

// A configuration that is to ask for each value of the organization.
const untrusted = makeProject()
const held = (await post(first.context, server, 'connect_repository', { location: untrusted })).split('/').pop()
await until('values of the organization are held', async () => {
  return JSON.stringify(await post(first.context, server, 'get_environment', { target: `session:${held}` })).includes('"held"')
})
await shoot('held', empty, `${server.origin}/sessions/${held}?tab=environment`)
await shoot('held-repositories', empty, `${server.origin}/`)

await browser.close()
await server.stop()
server.remove()
removeRepository(project)
removeRepository(untrusted)

async function shoot(name, storageState, url, act = async () => {}) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [390, 1280]) {
      const { page, context } = await openPage(browser, { storageState, colorScheme, viewport: { width, height: 860 } })
      await page.goto(url)
      await hydrated(page)
      await act(page)
      await page.screenshot({ path: join(results, `${name}-${colorScheme}-${width}.png`), fullPage: width < 500 })
      await context.close()
    }
  }
}

/** A picture for the README. */
async function keep(name, url, colorScheme = 'light') {
  const { page, context } = await openPage(browser, { storageState: empty, colorScheme, viewport: { width: 1280, height: 800 } })
  await page.goto(url)
  await hydrated(page)
  await page.screenshot({ path: join(kept, `${name}.png`) })
  await context.close()
}

/** The configuration that the pictures show. */
async function shopId() {
  const { page, context } = await openPage(browser, { storageState: empty })
  await page.goto(`${server.origin}/`)
  const id = await page.locator('[data-configuration]').first().getAttribute('data-configuration')
  await context.close()
  return id
}
