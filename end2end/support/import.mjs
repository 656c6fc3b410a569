// Pasting and dropping as a browser does it, and the preview that comes of it.

/** Pastes a text where the keyboard is, or at an element. */
export async function paste(page, text, { at } = {}) {
  await page.evaluate(
    ([text, at]) => {
      const target = at ? document.querySelector(at) : (document.activeElement ?? document.body)
      const data = new DataTransfer()
      data.setData('text/plain', text)
      const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
      // What nobody takes goes into the field, as in a real paste.
      if (target.dispatchEvent(event) && 'value' in target) {
        target.setRangeText(text, target.selectionStart, target.selectionEnd, 'end')
        target.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }))
      }
    },
    [text, at],
  )
}

/** Drops a file on an element. */
export async function dropFile(page, locator, name, text) {
  const data = await page.evaluateHandle(
    ([name, text]) => {
      const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0))
      const data = new DataTransfer()
      data.items.add(new File([bytes], name))
      return data
    },
    [name, text],
  )
  for (const type of ['dragenter', 'dragover', 'drop']) await locator.dispatchEvent(type, { dataTransfer: data })
}

export const preview = (page) => page.locator('.preview')

/** The row of a key in the preview, the last where it is repeated. */
export const inPreview = (page, key, verdict) =>
  page.locator(`.preview [data-import="${key}"]${verdict ? `[data-verdict="${verdict}"]` : ''}`).last()

/** Each row as its key (or "line") and what is said of it. */
export const verdicts = (page) =>
  preview(page)
    .locator('[data-verdict]')
    .evaluateAll((rows) => rows.map((row) => `${row.dataset.import ?? 'line'} ${row.dataset.verdict}`))
