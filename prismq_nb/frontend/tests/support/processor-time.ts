/** Processor time of this process: what other processes of a busy machine take does not count. */

interface CpuUsage {
  readonly user: number;
  readonly system: number;
}
/** Node's, of whose types this is all that is needed. */
declare const process: { cpuUsage(since?: CpuUsage): CpuUsage };

/** Milliseconds of processor time that `work` takes. */
export function milliseconds(work: () => unknown): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}
