import { readFileSync, readdirSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const TICK_US = 10_000;

/** Processor time of a process with all its threads and its child processes, microseconds. Linux only. */
export function cpuUs(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + ownCpuUs(each), 0);
}

/** Resident memory of one process, MiB. */
export function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => statOf(each)?.[1] === String(pid));
}

function ownCpuUs(pid: number): number {
  const stat = statOf(pid);
  // Fields 14 and 15 of proc(5), counted from the state, which is field 3.
  return stat ? (Number(stat[11]) + Number(stat[12])) * TICK_US : 0;
}

/** The fields after the name, which may hold blanks; null when the process has ended. */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
