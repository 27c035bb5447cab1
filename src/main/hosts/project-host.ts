/** Entry point of the project host: the project files, the live documents, the imaging threads and the jobs. */
import { runHost } from './host-entry.ts'
import { createProjectHost } from './project-services.ts'

runHost(createProjectHost)
