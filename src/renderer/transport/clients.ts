/** The typed clients of the contract's services as the renderer sees them. */
import type { ContractRouterClient } from '@orpc/contract'
import type { modelsContract, projectContract } from '../../shared/rpc/contract.ts'
import type { shellContract } from '../../shared/rpc/shell-contract.ts'

export type ModelsClient = ContractRouterClient<typeof modelsContract>
export type ProjectClient = ContractRouterClient<typeof projectContract>
export type ShellClient = ContractRouterClient<typeof shellContract>
