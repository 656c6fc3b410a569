// Accessibility: axe finds nothing on any screen, in either theme, wide or narrow; the narrow page never scrolls sideways.
import AxeBuilder from '@axe-core/playwright'
import { HtmlValidate } from 'html-validate'
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { agentOf, card } from '../support/agent.mjs'
import { hydrated, row } from '../support/browser.mjs'
import { inPreview, paste, preview } from '../support/import.mjs'
import { VALUES } from '../support/project.mjs'
import { fill, openTab, post, saveSnapshots, startWork } from '../support/road.mjs'
import { until } from '../support/sandbox.mjs'
import { setStage } from '../support/stage.mjs'

describe('every screen', () => {
  const stage = setStage()
  let server, storageState, session, request, runs, waits, held
  before(async () => {
    const made = await stage.setup()
    const { page, context } = made
    ;({ server, session } = made)
    await fill(page, 'DATABASE_URL', VALUES.DATABASE_URL)
    await fill(page, 'STRIPE_SECRET_KEY', VALUES.STRIPE_SECRET_KEY, { scope: 'This session only' })
    await post(context, server, 'add_secret', { key: 'SHARED_TOKEN', description: 'For the tests', value: VALUES.PUBLIC_NAME })
    const agent = await agentOf(context, server, session)
    await agent.ask({ keys: [{ key: 'DATABASE_URL' }] })
    ;({ id: request } = await agent.ask({
      message: 'A region and a token, please.',
      keys: [
        { key: 'DATABASE_URL' },
        { key: 'DEPLOY_REGION', secret: false, suggestions: ['eu-central-1', 'us-east-1'] },
        { key: 'DEPLOY_TOKEN', required: false, generate: 'hex32', documentationUrl: 'https://example.test/tokens' },
      ],
    }))
    const { proposal } = await agent.saveCommands([{ command: 'npm ci' }, { command: 'npm start', enabled: false }])
    await post(context, server, 'decline_proposal', { session, proposal: proposal.id, reason: 'Use pnpm.' })
    await agent.saveCommands([{ command: 'pnpm i' }])
    await agent.finishAnyway()
    await saveSnapshots(page, session, server)
    const { configuration } = await post(context, server, 'get_session', { session })
    const commands = ['echo a line; sleep 300', 'exit 3', 'echo never'].flatMap((command, at) => [
      [`commands[${at}][command]`, command],
      [`commands[${at}][enabled]`, 'true'],
    ])
    await post(context, server, 'save_auto_start', { configuration, ...Object.fromEntries(commands) })
    runs = await startWork(context, server, session, 'running')
    const failed = async () => (await post(context, server, 'get_command_runs', { session: runs })).runs?.[1]?.state.state === 'failed'
    await until('a command failed', failed)
    await post(context, server, 'set_boot_policy', { configuration, policy: 'block' })
    waits = await startWork(context, server, session, 'waiting')
    for (const key of ['DATABASE_URL', 'STRIPE_SECRET_KEY']) await post(context, server, 'add_secret', { key, value: VALUES.PUBLIC_NAME })
    held = (await post(context, server, 'connect_repository', { location: stage.project() })).split('/').pop()
    const other = await post(context, server, 'get_session', { session: held })
    await post(context, server, 'rename_configuration', { configuration: other.configuration, name: 'Held values' })
    const isHeld = async () => JSON.stringify(await post(context, server, 'get_environment', { target: `session:${held}` })).includes('"held"')
    await until('values of the organization are held', isHeld)
    storageState = await context.storageState()
    await context.close()
  })

  for (const colorScheme of ['light', 'dark']) {
    for (const width of [360, 1280]) {
      it(`is accessible in ${colorScheme} at ${width} pixels`, async () => {
        const { page, context } = await stage.open({
          storageState,
          colorScheme,
          reducedMotion: 'reduce',
          viewport: { width, height: 900 },
        })
        const check = async (name) => {
          const { violations } = await new AxeBuilder({ page }).analyze()
          const said = violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`))
          assert.deepEqual(said, [], `axe on ${name}`)
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
          assert.ok(over <= 0, `${name} is ${over} pixels too wide`)
        }
        await page.goto(`${server.origin}/`)
        await hydrated(page)
        await check('the repositories page')
        await page.getByRole('button', { name: 'Values of shop' }).click()
        await page.locator('[data-slot="SESSION_SECRET"]').waitFor()
        await page.getByText('New configuration').click()
        await check('the repositories page with values and a form open')
        await page.getByRole('link', { name: 'Configure shop' }).click()
        await page.getByText('Attach a repository').click()
        await check("a configuration's page")
        await page.goto(`${server.origin}/settings/secrets`)
        await hydrated(page)
        await page.getByText('Add a secret').click()
        await page.getByLabel('Key', { exact: true }).fill('not-a-key')
        await page.getByRole('button', { name: 'Replace SHARED_TOKEN' }).click()
        await check('the secrets with their forms open')
        await page.getByRole('button', { name: 'Delete SHARED_TOKEN' }).click()
        await check('the question before a secret is deleted')
        await page.goto(`${server.origin}/sessions/${session}`)
        await hydrated(page)
        for (const tab of ['Environment', 'Info', 'Snapshots', 'Auto-start']) {
          await openTab(page, tab)
          await check(`the ${tab} tab`)
        }
        await openTab(page, 'Snapshots')
        await page.locator('[data-snapshot][data-state="ready"]').getByText('scrubbed').click()
        for (const one of await page.locator('[data-snapshot]').getByText('Delete', { exact: true }).all()) await one.click()
        await check('snapshots with their questions open')
        await openTab(page, 'Environment')
        await card(page, request).getByRole('switch').first().uncheck()
        await card(page, request).getByText('Dismiss request').click()
        await row(page, 'STRIPE_SECRET_KEY').getByText('Keep for future sessions').click()
        await page.locator('.proposal').getByText('Decline', { exact: true }).first().click()
        await check('cards and a panel with their questions open')
        await page.getByText('Import .env').click()
        await check('the form of an import')
        await paste(page, 'DATABASE_URL=changeme\nSESSION_SECRET=a\nOTHER=b\nno key\nPORT=1\nPORT=2', { at: 'body' })
        await preview(page).waitFor()
        await inPreview(page, 'DATABASE_URL').getByRole('button', { name: /Show value/ }).click()
        await check('the preview of an import')
        await preview(page).getByRole('button', { name: 'Discard' }).click()
        await row(page, 'DATABASE_URL').locator('.slot-source summary').click()
        await row(page, 'PRIVATE_KEY').getByLabel('Value for PRIVATE_KEY', { exact: true }).fill('changeme')
        await row(page, 'PRIVATE_KEY').getByRole('button', { name: 'Save PRIVATE_KEY' }).click()
        await row(page, 'PRIVATE_KEY').getByText('Save it again to save it anyway').waitFor()
        await check('provenance and a doubtful value')
        await page.getByRole('button', { name: 'Finish setup' }).click()
        await page.getByRole('dialog').waitFor()
        await check('the question before finishing')
        await page.goto(`${server.origin}/sessions/${held}?tab=environment`)
        await hydrated(page)
        await row(page, 'DATABASE_URL').getByText('The organization has a value.').waitFor()
        await check('a panel with held keys')
        await page.goto(`${server.origin}/sessions/${runs}?tab=auto-start`)
        await hydrated(page)
        await page.getByRole('log', { name: 'Output of command 1' }).waitFor()
        await check('commands that run')
        await page.goto(`${server.origin}/sessions/${waits}`)
        await hydrated(page)
        await page.locator('[data-gate]').waitFor()
        await check('a session that waits for values')
        await page.goto(`${server.origin}/no/such/page`)
        await check('the page that is not there')
        await context.clearCookies()
        await page.goto(`${server.origin}/sign-in?problem=used`)
        await check('the sign-in page')
        await context.close()
      })
    }
  }

  it('is valid HTML as the server sends it', async () => {
    const { context } = await stage.open({ storageState })
    const validator = new HtmlValidate({
      extends: ['html-validate:recommended'],
      rules: {
        // Any text without blanks is an id in HTML; ours are made of other ids, with ":" between.
        'valid-id': ['error', { relaxed: true }],
        // Safari's VoiceOver takes lists without bullets for no lists unless their role is written out.
        'no-redundant-role': 'off',
        // ARIA allows a name on list items, and a configuration's row is found by it.
        'aria-label-misuse': ['error', { allowAnyNamable: true }],
        // A label around its field names it by "for" as well: some speech programs know only that.
        'no-redundant-for': 'off',
        // Forms of a row whose button stands elsewhere in it, named by its attribute "form", and only while it is of use.
        'wcag/h32': 'off',
      },
    })
    const addresses = [
      '/', '/settings/secrets', '/no/such/page', '/sign-in',
      ...['environment', 'info', 'snapshots', 'auto-start'].map((tab) => `/sessions/${session}?tab=${tab}`),
      '/settings/secrets?delete=SHARED_TOKEN%3A1', '/settings/secrets?replace=SHARED_TOKEN%3A1', '/settings/secrets?describe=SHARED_TOKEN',
      new URL(server.anotherLink()).pathname, `/sessions/${runs}?tab=auto-start`, `/sessions/${waits}`, `/sessions/${held}?tab=environment`,
    ]
    for (const address of addresses) {
      const answer = await context.request.get(server.origin + address, { headers: { accept: 'text/html' } })
      // The framework's marker between texts; browsers read "<!>" as an empty comment, the validator does not.
      const html = (await answer.text()).replaceAll('<!>', '<!---->')
      assert.ok(html.startsWith('<!DOCTYPE html>'), address)
      const { results } = await validator.validateString(html)
      const said = results.flatMap(({ messages }) => messages).map(({ ruleId, message, line, column }) => {
        return `${ruleId}: ${message}: ${html.split('\n')[line - 1].slice(column - 1, column + 100)}`
      })
      assert.deepEqual(said, [], address)
    }
    await context.close()
  })
})
