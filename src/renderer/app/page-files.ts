/** Files between the page and this computer: an input nobody sees, and a link nobody sees. */
import { ACCEPT } from '../editor/files.ts'

/** Lets the person choose a file; null when they close the dialog. */
export function pickFile(): Promise<File | null> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = ACCEPT
    input.hidden = true
    input.setAttribute('aria-hidden', 'true')
    const end = (file: File | null) => {
      input.remove()
      resolve(file)
    }
    input.addEventListener('change', () => end(input.files?.[0] ?? null))
    input.addEventListener('cancel', () => end(null))
    document.body.append(input)
    input.click()
  })
}

export function download(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.hidden = true
  document.body.append(link)
  link.click()
  link.remove()
}
