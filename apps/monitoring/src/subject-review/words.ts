import type { Action, Decision, Degradation, Outcome } from '@vigia/contracts';

export type Language = 'pt' | 'en';

/** Everything that a review says besides names and numbers, in both languages. */
export interface Words {
  title: string;
  headings: {
    decision: string;
    basis: string;
    reasons: string;
    features: string;
    people: string;
    contest: string;
  };
  subject: Record<'payer' | 'payee', string>;
  decision: Record<Decision, string>;
  money: Record<Action['kind'], string>;
  holdEnd: Record<'released' | 'cancelled' | 'ran_out' | 'running', string>;
  degraded: Record<Degradation, string>;
  automated: string;
  reviewed: string;
  model: (name: string, version: string) => string;
  noModel: string;
  live: (kind: 'promote' | 'rollback', at: string) => string;
  noChange: string;
  policy: (name: string, version: string) => string;
  featureSet: (name: string, hash: string) => string;
  unknownFeatures: string;
  raised: string;
  lowered: string;
  noReasons: string;
  otherParty: string;
  withheld: (count: number) => string;
  case: (openedAt: string, closedAt: string | null) => string;
  noCase: string;
  verdict: Record<'fraud' | 'genuine', (at: string) => string>;
  label: (isFraud: boolean, source: Outcome['source'], at: string) => string;
  noLabel: string;
  contest: (where: string) => string;
  channel: string;
}

const SOURCES: Record<Language, Record<Outcome['source'], string>> = {
  pt: {
    med: 'pelo resultado do Mecanismo Especial de Devolução (MED)',
    analyst: 'pelo parecer de um analista',
    import: 'por registro importado',
    customer: 'pelo relato do cliente',
  },
  en: {
    med: 'by the result of the special return mechanism (MED)',
    analyst: 'by an analyst’s verdict',
    import: 'by an imported record',
    customer: 'by what the customer reported',
  },
};

export const WORDS: Record<Language, Words> = {
  pt: {
    title: 'Revisão de decisão automatizada (LGPD, art. 20)',
    headings: {
      decision: 'A decisão e o dinheiro',
      basis: 'Com que modelo e regras foi decidido',
      reasons: 'Por quê',
      features: 'Dados usados',
      people: 'Participação de pessoas',
      contest: 'Como contestar',
    },
    subject: { payer: 'quem paga', payee: 'quem recebe' },
    decision: {
      approve: 'O pagamento foi aprovado.',
      review: 'O pagamento foi separado para análise.',
      reject: 'O pagamento foi recusado por suspeita de fraude.',
    },
    money: {
      send: 'O dinheiro foi enviado sem espera.',
      hold: 'O pagamento ficou retido para análise, pelo tempo que o Banco Central permite.',
      do_not_send: 'O dinheiro não saiu da conta.',
      accept: 'O dinheiro foi creditado sem espera.',
      accept_and_block: 'O dinheiro foi creditado com bloqueio cautelar (Resolução BCB 147/2021).',
      refuse: 'O crédito foi recusado e o dinheiro voltou a quem pagou.',
    },
    holdEnd: {
      released: 'A retenção terminou com a liberação do pagamento.',
      cancelled: 'A retenção terminou com o cancelamento do pagamento.',
      ran_out: 'O prazo da retenção terminou sem manifestação de um analista.',
      running: 'A retenção ainda corre.',
    },
    degraded: {
      features: 'O histórico não estava disponível no momento da decisão.',
      model: 'O modelo não estava disponível: decidiram só as regras.',
      policy: 'As regras não puderam ser avaliadas: o pagamento foi para análise.',
      ledger: 'O registro central estava fora; a decisão foi guardada e registrada depois.',
    },
    automated: 'A decisão foi tomada de forma automatizada, sem participação de uma pessoa até agora.',
    reviewed: 'A decisão foi automatizada e depois uma pessoa a analisou.',
    model: (name, version) => `Modelo ${name}, versão ${version}.`,
    noModel: 'Nenhum modelo pontuou este pagamento; decidiram só as regras.',
    live: (kind, at) =>
      kind === 'promote'
        ? `Esta versão passou a decidir em ${at}, depois de aprovada nos testes exigidos.`
        : `Esta versão voltou a decidir em ${at}, no lugar de outra que foi retirada.`,
    noChange:
      'Não há troca de versão registrada antes desta decisão: a versão vinha de arquivo ou estava em teste controlado.',
    policy: (name, version) => `Regras ${name}, versão ${version}.`,
    featureSet: (name, hash) => `Conjunto de dados ${name}, versão ${hash}.`,
    unknownFeatures:
      'Os nomes dos dados desta versão não estão mais neste serviço; os valores estão guardados no registro.',
    raised: 'aumentou a suspeita',
    lowered: 'diminuiu a suspeita',
    otherParty: 'Sinais sobre a outra parte do pagamento, que não podemos detalhar, também contaram.',
    noReasons: 'O pagamento foi aprovado: nenhum motivo pesou contra ele.',
    withheld: (count) =>
      `Outros ${count} dados dizem respeito a outra pessoa ou vêm do DICT, que só instituições podem consultar; por isso não aparecem aqui.`,
    case: (openedAt, closedAt) =>
      closedAt === null
        ? `Um caso para análise humana foi aberto em ${openedAt} e ainda está aberto.`
        : `Um caso para análise humana foi aberto em ${openedAt} e encerrado em ${closedAt}.`,
    noCase: 'Nenhum caso para análise humana foi aberto.',
    verdict: {
      fraud: (at) => `Em ${at} um analista concluiu que houve fraude.`,
      genuine: (at) => `Em ${at} um analista concluiu que o pagamento é legítimo.`,
    },
    label: (isFraud, source, at) =>
      `Em ${at} o pagamento ficou registrado como ${isFraud ? 'fraude' : 'legítimo'}, ${SOURCES.pt[source]}.`,
    noLabel: 'Até agora nada ficou registrado sobre ter havido fraude ou não.',
    contest: (where) =>
      `Você pode pedir a revisão desta decisão ${where}. Informe o identificador do pagamento (EndToEndId). ` +
      'Se discordar da resposta, procure a ouvidoria da instituição, o Banco Central ou a Autoridade Nacional de Proteção de Dados (ANPD).',
    channel: 'pelos canais de atendimento da instituição',
  },
  en: {
    title: 'Review of an automated decision (LGPD, art. 20)',
    headings: {
      decision: 'The decision and the money',
      basis: 'Which model and rules decided',
      reasons: 'Why',
      features: 'Data that was used',
      people: 'What people did',
      contest: 'How to contest',
    },
    subject: { payer: 'the one who pays', payee: 'the one who is paid' },
    decision: {
      approve: 'The payment was approved.',
      review: 'The payment was set aside for a person to look at.',
      reject: 'The payment was refused on suspicion of fraud.',
    },
    money: {
      send: 'The money was sent without delay.',
      hold: 'The payment was held for analysis, for as long as the central bank allows.',
      do_not_send: 'The money did not leave the account.',
      accept: 'The money was credited without delay.',
      accept_and_block: 'The money was credited and blocked as a precaution (Resolução BCB 147/2021).',
      refuse: 'The credit was refused, and the money went back to who paid.',
    },
    holdEnd: {
      released: 'The hold ended with the release of the payment.',
      cancelled: 'The hold ended with the cancellation of the payment.',
      ran_out: 'The hold ran out without the word of an analyst.',
      running: 'The hold still runs.',
    },
    degraded: {
      features: 'The history was not available when it was decided.',
      model: 'The model was not available: rules alone decided.',
      policy: 'The rules could not be evaluated: the payment went to analysis.',
      ledger: 'The central record was away; the decision was kept and recorded later.',
    },
    automated: 'The decision was automated, and no person has taken part so far.',
    reviewed: 'The decision was automated, and a person looked at it afterwards.',
    model: (name, version) => `Model ${name}, version ${version}.`,
    noModel: 'No model scored this payment; rules alone decided.',
    live: (kind, at) =>
      kind === 'promote'
        ? `This version began to decide on ${at}, after it passed the tests that are required.`
        : `This version decided again from ${at} on, in the place of another that was withdrawn.`,
    noChange:
      'No change of version is on record before this decision: it came from a file, or was in a controlled trial.',
    policy: (name, version) => `Rules ${name}, version ${version}.`,
    featureSet: (name, hash) => `Set of data ${name}, version ${hash}.`,
    unknownFeatures:
      'The names of the data of this version are no longer in this service; the values are kept on record.',
    raised: 'raised the suspicion',
    lowered: 'lowered the suspicion',
    otherParty: 'Signals about the other party of the payment counted, too; we may not tell them.',
    noReasons: 'The payment was approved: no reason weighed against it.',
    withheld: (count) =>
      `${count} more values are about another person, or come from DICT, which only institutions may ask; they are not shown here.`,
    case: (openedAt, closedAt) =>
      closedAt === null
        ? `A case for people to look at was opened on ${openedAt} and is still open.`
        : `A case for people to look at was opened on ${openedAt} and closed on ${closedAt}.`,
    noCase: 'No case for people to look at was opened.',
    verdict: {
      fraud: (at) => `On ${at} an analyst concluded that it was fraud.`,
      genuine: (at) => `On ${at} an analyst concluded that the payment is genuine.`,
    },
    label: (isFraud, source, at) =>
      `On ${at} the payment was recorded as ${isFraud ? 'fraud' : 'genuine'}, ${SOURCES.en[source]}.`,
    noLabel: 'So far nothing is on record about whether it was fraud.',
    contest: (where) =>
      `You may ask for a review of this decision ${where}. Name the payment by its EndToEndId. ` +
      'If you disagree with the answer, turn to the institution’s ombudsman, the Banco Central do Brasil or the data protection authority (ANPD).',
    channel: 'through the service channels of the institution',
  },
};

/** An instant on the clock of Brasília. */
export function localTime(ms: number, lang: Language): string {
  const text = new Intl.DateTimeFormat(lang === 'pt' ? 'pt-BR' : 'en-GB', {
    dateStyle: 'short',
    timeStyle: 'medium',
    timeZone: 'America/Sao_Paulo',
  }).format(ms);
  return `${text} (${lang === 'pt' ? 'horário de Brasília' : 'Brasília time'})`;
}
