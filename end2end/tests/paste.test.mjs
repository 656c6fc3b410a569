// A whole env file at once: pasted, dropped, chosen or typed, previewed in the browser and saved in one piece.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { hasStatus, keyboard, row } from '../support/browser.mjs'
import { dropFile, inPreview, paste, preview, verdicts } from '../support/import.mjs'
import { fill, holds, openTab } from '../support/road.mjs'
import { PATIENCE } from '../support/sandbox.mjs'
import { read, makeRepository } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

describe('a pasted env file', () => {
  const stage = setStage()
  let server, page, context, setup
  const sent = []
  before(async () => {
    ;({ server, page, context, session: setup } = await stage.setup())
    page.on('request', (request) => sent.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`))
  })

  const TEXT = [
    '# mine',
    'DATABASE_URL=postgres://paste-canary/old',
    'export SESSION_SECRET="paste-canary # one"',
    "STRIPE_SECRET_KEY='sk_test_paste-canary'",
    'SOMETHING_ELSE=paste-canary',
    'this line means nothing',
    'DATABASE_URL=postgres://paste-canary/new',
    'PORT=4000',
  ].join('\n')

  it('opens a preview that says of each line what it is, and sends nothing', async () => {
    sent.length = 0
    await paste(page, TEXT)
    await preview(page).waitFor()
    await keyboard(page, (here) => here.textContent === 'Preview of 7 keys')
    assert.deepEqual(await verdicts(page), [
      'DATABASE_URL repeated',
      'SESSION_SECRET new',
      'STRIPE_SECRET_KEY new',
      'SOMETHING_ELSE not-in-spec',
      'line invalid',
      'DATABASE_URL new',
      'PORT new',
    ])
    await preview(page).getByText('4 new').waitFor()
    await preview(page).getByText('line 7 gives this key again, and the last one counts').waitFor()
    await preview(page).getByText('there is no "=" between a key and a value').waitFor()
    assert.ok(!(await page.content()).includes('paste-canary'), 'values are hidden')
    await inPreview(page, 'SESSION_SECRET').getByText('18 bytes').waitFor()
    await inPreview(page, 'SESSION_SECRET').getByRole('button', { name: 'Show value of SESSION_SECRET in the import' }).click()
    await inPreview(page, 'SESSION_SECRET').getByText('paste-canary # one').waitFor()
    await inPreview(page, 'SESSION_SECRET').getByRole('button', { name: /Show value/ }).click()
    await page.waitForFunction(() => !document.body.textContent.includes('paste-canary'))
    assert.ok(!sent.some((request) => request.includes('paste-canary')), 'no value was sent')
  })

  it('stays while the page changes under it, and says when a value is replaced', async () => {
    const other = await stage.beside(context, page.url())
    await openTab(other.page, 'Environment')
    await fill(other.page, 'STRIPE_SECRET_KEY', 'sk_live_other')
    await inPreview(page, 'STRIPE_SECRET_KEY', 'replaces').waitFor()
    await inPreview(page, 'STRIPE_SECRET_KEY').getByText(/value of repository shop/).waitFor()
    await other.context.close()
  })

  it('saves once for a scope with exceptions, and leaves out what is not ticked', async () => {
    await preview(page).getByLabel('Save for', { exact: true }).selectOption({ label: 'Organization' })
    await inPreview(page, 'STRIPE_SECRET_KEY').getByLabel('Scope for STRIPE_SECRET_KEY in the import').selectOption({ label: 'This session only' })
    await inPreview(page, 'STRIPE_SECRET_KEY', 'new').waitFor()
    await inPreview(page, 'PORT').getByLabel('Save PORT').uncheck()
    await preview(page).getByRole('button', { name: 'Save 3 values' }).click()
    await page.getByText('Imported 3 values.').waitFor()
    await hasStatus(page, 'SESSION_SECRET', 'set')
    await row(page, 'DATABASE_URL').getByText('organization').first().waitFor()
    await row(page, 'STRIPE_SECRET_KEY').getByText('this session').first().waitFor()
    await hasStatus(page, 'PORT', 'default')
    await holds(setup, server, '.env', /^DATABASE_URL=.?postgres:\/\/paste-canary\/new.?$/m)
    assert.ok(read(setup, server, '.env').includes("SESSION_SECRET='paste-canary # one'"))
    await page.locator('.thread').getByText('imported 3 values').waitFor()
    assert.equal(await page.locator('.thread').getByText('imported').count(), 1, 'the thread tells it once')
    assert.equal(await page.getByText('SOMETHING_ELSE').count(), 0)
  })

  it('knows what is the same as now, by digests alone', async () => {
    sent.length = 0
    await paste(page, `${TEXT}\nEMPTY_ONE=`)
    await preview(page).getByLabel('Save for', { exact: true }).selectOption({ label: 'Organization' })
    await inPreview(page, 'SESSION_SECRET', 'same').waitFor()
    await page.locator('[data-import="DATABASE_URL"][data-verdict="same"]').waitFor()
    assert.equal(await inPreview(page, 'SESSION_SECRET').getByLabel('Save SESSION_SECRET').isChecked(), false)
    assert.ok(sent.some((request) => request.includes('/fn/compare_values')), 'it was asked')
    assert.ok(!sent.some((request) => request.includes('paste-canary')), 'and no value was sent')
    // What is in no spec can be kept by those who want it.
    await inPreview(page, 'SOMETHING_ELSE').getByLabel('Save SOMETHING_ELSE').check()
    await preview(page).getByRole('button', { name: 'Save 3 values' }).click()
    await page.getByText('Imported 3 values.').waitFor()
    await page.getByText('Organization secrets not used here').click()
    await page.getByText('SOMETHING_ELSE').first().waitFor()
  })

  it('a file is dropped anywhere on the panel, or chosen', async () => {
    await dropFile(page, page.locator('[data-slot="FLAGS"]').first(), 'local.env', 'FLAGS={"a":1}\nPUBLIC_NAME=dropped\n')
    await preview(page).waitFor()
    assert.deepEqual(await verdicts(page), ['FLAGS new', 'PUBLIC_NAME new'])
    await preview(page).getByRole('button', { name: 'Discard' }).click()
    await preview(page).waitFor({ state: 'detached' })
    await page.getByText('Import .env').click()
    await page.getByLabel('or a file').setInputFiles({ name: '.env', mimeType: 'text/plain', buffer: Buffer.from('PUBLIC_NAME=chosen') })
    await preview(page).waitFor()
    assert.deepEqual(await verdicts(page), ['PUBLIC_NAME new'])
    await preview(page).getByRole('button', { name: 'Discard' }).click()
    await dropFile(page, page.locator('.panel'), 'photo.png', Buffer.from([0x89, 0x50, 0, 0xff, 0xfe]).toString('latin1'))
    await page.getByText('This file is no text in UTF-8').waitFor()
  })

  it('one value stays a paste into its field, and a whole file in a field is still a file', async () => {
    const field = row(page, 'PUBLIC_NAME').getByLabel('Value for PUBLIC_NAME', { exact: true })
    await field.focus()
    await paste(page, 'just=one')
    assert.equal(await field.inputValue(), 'just=one')
    await field.fill('')
    await paste(page, 'PUBLIC_NAME=a\nFLAGS={}')
    await preview(page).waitFor()
    assert.equal(await field.inputValue(), '')
    await preview(page).getByRole('button', { name: 'Discard' }).click()
    const composer = page.getByLabel('Note to the agent')
    if (await composer.count()) {
      await composer.focus()
      await paste(page, 'A=1\nB=2')
      assert.equal(await preview(page).count(), 0, 'a field of the page keeps what is pasted into it')
      await composer.fill('')
    }
  })

  it('a save that fails keeps everything that was pasted', async () => {
    await paste(page, 'PUBLIC_NAME=kept\nFLAGS={}', { at: 'body' })
    await preview(page).waitFor()
    await page.route('**/fn/import_values', (route) => route.abort())
    await preview(page).getByRole('button', { name: 'Save 2 values' }).click()
    await preview(page).getByRole('alert').getByText('could not be reached').waitFor()
    assert.deepEqual(await verdicts(page), ['PUBLIC_NAME new', 'FLAGS new'])
    await page.unroute('**/fn/import_values')
    await preview(page).getByRole('button', { name: 'Save 2 values' }).click()
    await page.getByText('Imported 2 values.').waitFor()
    await hasStatus(page, 'PUBLIC_NAME', 'set')
  })

  it('what looks wrong is told in the preview, and may be saved', async () => {
    await paste(page, 'PRIVATE_KEY=changeme\nFLAGS=" {}"', { at: 'body' })
    await inPreview(page, 'PRIVATE_KEY').getByText('looks like a placeholder').waitFor()
    await inPreview(page, 'FLAGS').getByText('starts or ends with white space').waitFor()
    await preview(page).getByRole('button', { name: 'Save 2 values' }).click()
    await page.getByText('Imported 2 values.').waitFor()
    await row(page, 'PRIVATE_KEY').getByText('It looks like a placeholder').waitFor()
  })
})

describe('five hundred keys', () => {
  const names = Array.from({ length: 500 }, (_, number) => `KEY_${number}`)
  const stage = setStage()

  it('are previewed and saved while the page stays responsive', async () => {
    const project = makeRepository({ '.env.example': names.map((name) => `${name}=\n`).join('') })
    const { server, page, session: setup } = await stage.setup({ project, patience: 5 * PATIENCE })
    await hasStatus(page, 'KEY_499', 'missing')
    const took = async (what, act) => {
      const since = Date.now()
      await act()
      console.log(`${what}: ${Date.now() - since} ms`)
    }
    await took('preview of 500 keys', async () => {
      await paste(page, names.map((name) => `${name}=value of ${name}`).join('\n'), { at: 'body' })
      await page.locator('[data-import="KEY_499"]').waitFor()
    })
    await took('a tick', async () => {
      await inPreview(page, 'KEY_250').getByLabel('Save KEY_250').uncheck()
      await preview(page).getByRole('button', { name: 'Save 499 values' }).waitFor()
    })
    await took('another scope for all', async () => {
      await preview(page).getByLabel('Save for', { exact: true }).selectOption({ label: 'Organization' })
      await inPreview(page, 'KEY_1').getByLabel('Scope for KEY_1 in').waitFor()
    })
    await took('save', async () => {
      await preview(page).getByRole('button', { name: 'Save 499 values' }).click()
      await page.getByText('Imported 499 values.').waitFor()
    })
    await holds(setup, server, '.env', "KEY_499='value of KEY_499'")
    assert.ok(!read(setup, server, '.env').includes('KEY_250='))
  })
})

describe('an env file without JavaScript', () => {
  const stage = setStage()

  it('is imported whole by a plain form, or refused with its lines named', async () => {
    const { server, page, session: setup } = await stage.setup({ javaScriptEnabled: false })
    const submit = async (text) => {
      if (!(await page.getByLabel('Text of an .env file').isVisible())) await page.getByText('Import .env').click()
      assert.equal(await page.getByLabel('Text of an .env file').inputValue(), '', 'no text comes back')
      await page.getByLabel('Text of an .env file').fill(text)
      await page.getByLabel('Save for').selectOption({ label: 'Organization' })
      await page.getByRole('button', { name: 'Import', exact: true }).click()
    }
    await submit('DATABASE_URL=postgres://plain-canary\nplain-canary means nothing')
    await page.getByText('Line 2: there is no "=" between a key and a value').waitFor()
    assert.ok(!page.url().includes('canary') && !(await page.content()).includes('canary'))
    assert.equal(await row(page, 'DATABASE_URL').getAttribute('data-status'), 'missing', 'nothing was saved')
    await submit('DATABASE_URL=plain-canary\nSESSION_SECRET=a\nUNKNOWN_KEY=b')
    await page.locator('[data-slot="DATABASE_URL"][data-status="set"]').waitFor()
    await row(page, 'DATABASE_URL').getByText('A URL is expected').waitFor()
    await holds(setup, server, '.env', /^DATABASE_URL=plain-canary$/m)
    await page.getByText('1 key of no file left out').first().waitFor()
  })
})
