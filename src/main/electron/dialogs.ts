/**
 * File dialogs that yield tokens.
 *
 * Invariant: the path a person chooses goes to the project host and never to the page.
 */
import path from 'node:path'
import { type BrowserWindow, dialog, type FileFilter } from 'electron'
import type { ProjectLink } from '../hosts/project-link.ts'
import type { ChosenFile } from '../hosts/shell-service.ts'

const PICTURES = ['jpg', 'jpeg', 'png', 'webp', 'tif', 'tiff', 'avif', 'gif']
const OPENABLE: FileFilter[] = [
  { name: 'Photographs and projects', extensions: [...PICTURES, 'inlay'] },
  { name: 'Inlay projects', extensions: ['inlay'] },
  { name: 'Photographs', extensions: PICTURES },
]

export async function chooseFile(window: BrowserWindow, projects: ProjectLink): Promise<ChosenFile | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    properties: ['openFile'],
    filters: OPENABLE,
  })
  const [file] = filePaths
  if (canceled || !file) return null
  return { file: await projects.grant(file, 'open'), name: path.basename(file) }
}

export async function chooseModel(
  window: BrowserWindow,
  projects: ProjectLink,
  kind: 'file' | 'folder',
): Promise<ChosenFile | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    properties: [kind === 'file' ? 'openFile' : 'openDirectory'],
    filters: kind === 'file' ? [{ name: 'Models', extensions: ['safetensors', 'onnx'] }] : [],
  })
  const [file] = filePaths
  if (canceled || !file) return null
  return { file: await projects.grant(file, 'model'), name: path.basename(file) }
}

export async function chooseTarget(
  window: BrowserWindow,
  projects: ProjectLink,
  suggestedName: string,
  kind: 'image' | 'project',
): Promise<ChosenFile | null> {
  const extension = path.extname(suggestedName).slice(1)
  const filter =
    kind === 'project'
      ? { name: 'Inlay project', extensions: ['inlay'] }
      : { name: `${extension.toUpperCase()} picture`, extensions: [extension] }
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    defaultPath: suggestedName,
    filters: [filter],
    properties: ['createDirectory', 'showOverwriteConfirmation'],
  })
  if (canceled || !filePath) return null
  return { file: await projects.grant(filePath, 'target'), name: path.basename(filePath) }
}
