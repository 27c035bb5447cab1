/** Entry of the page. */
import { connect } from './transport/connect.ts'

const connection = await connect()
const { host, version } = await connection.shell.info()
document.title = `Inlay ${version} (${host})`
