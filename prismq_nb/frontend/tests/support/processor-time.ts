/** Processor time of this process, so that a busy machine does not matter. */

interface CpuUsage {
  readonly user: number;
  readonly system: number;
}
/** The only part of Node's types that is needed. */
declare const process: { cpuUsage(since?: CpuUsage): CpuUsage };

/** Milliseconds of processor time that `work` takes. */
export function milliseconds(work: () => unknown): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}
