import { createReadStream } from 'node:fs';
import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable, pipeline } from 'node:stream';
import type { Problem } from '@vigia/platform';
import type { ImportAnswer, ImportSummary } from './import.service.js';
import { linesOf } from './lines.js';
import { ProgressFile } from './progress-file.js';

export interface FileImport {
  /** Payments, one JSON object a line. */
  file: string;
  /** Of the ingestion service, as `http://127.0.0.1:3002`. */
  url: string;
  /** API key with the scope ingest. */
  key: string;
  /** First line to send, from 1; where the last import of the file ended when absent. */
  fromLine?: number;
  /** Gets each answer but the summary, with the file's own line number. */
  onAnswer: (answer: Exclude<ImportAnswer, { summary: unknown }>) => void;
}

/** How often the last answered line is written down, in answers. */
const SAVE_EVERY = 100;
/** Longer ones are refused by the service anyway; they are sent cut, so that line numbers stay right. */
const MAX_LINE_BYTES = 16 * 1_048_576;
const TOO_LONG = '"a line too long to be sent"';

/**
 * Sends a file to `POST /v1/imports`, reading the answers while it sends. Ends at the first line without an answer when
 * the service stops; run again, it goes on from there. @throws when the service refuses or the connection breaks; what
 * was answered until then is written down.
 */
export async function importFile(options: FileImport): Promise<ImportSummary> {
  const progress = new ProgressFile(options.file);
  const fromLine = options.fromLine ?? progress.read() + 1;
  let answered = fromLine - 1;
  let unsaved = 0;
  try {
    const summary = await exchange(options, fromLine, (answer) => {
      answered = answer.line;
      options.onAnswer(answer);
      if (++unsaved % SAVE_EVERY === 0) progress.write(answered);
    });
    if (summary.stopped) progress.write(answered);
    else progress.remove();
    return summary;
  } catch (error) {
    progress.write(answered);
    throw error;
  }
}

async function exchange(
  options: FileImport,
  fromLine: number,
  onAnswer: FileImport['onAnswer'],
): Promise<ImportSummary> {
  const url = new URL('/v1/imports', options.url);
  const headers = { 'content-type': 'application/x-ndjson', 'x-api-key': options.key };
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, { method: 'POST', headers });
  try {
    const response = await sent(request, Readable.from(linesFrom(options.file, fromLine)));
    if (response.statusCode !== 200) throw await refusal(response);
    for await (const { bytes } of linesOf(response as AsyncIterable<Buffer>, MAX_LINE_BYTES)) {
      if (bytes === null) continue;
      const answer = inFile(JSON.parse(bytes.toString()) as ImportAnswer, fromLine - 1);
      if ('summary' in answer) return answer.summary;
      onAnswer(answer);
    }
  } finally {
    request.destroy();
  }
  throw new Error('the connection ended before the last answer; run it again to go on');
}

/** The response's head; the body goes on being sent behind it. */
function sent(request: ClientRequest, body: Readable): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    // The service may answer, and the request be ended, before all is sent; a file that can't be read ends both.
    pipeline(body, request, (error) => {
      if (error) reject(error);
    });
  });
}

async function* linesFrom(file: string, fromLine: number): AsyncGenerator<string | Buffer> {
  for await (const { number, bytes } of linesOf(createReadStream(file), MAX_LINE_BYTES)) {
    if (number < fromLine) continue;
    yield bytes ?? TOO_LONG;
    yield '\n';
  }
}

async function refusal(response: IncomingMessage): Promise<Error> {
  const body = (await response.setEncoding('utf8').toArray()).join('');
  try {
    const { title, detail } = JSON.parse(body) as Problem;
    return new Error(`${title}: ${detail}`);
  } catch {
    return new Error(`the service answered ${response.statusCode}`);
  }
}

/** The service counts from the first line it got. */
function inFile(answer: ImportAnswer, before: number): ImportAnswer {
  if (!('summary' in answer)) return { ...answer, line: answer.line + before };
  const { stopped, ...counts } = answer.summary;
  if (!stopped) return answer;
  return { summary: { ...counts, stopped: { ...stopped, line: stopped.line + before } } };
}
