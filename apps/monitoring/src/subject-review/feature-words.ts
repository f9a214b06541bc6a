import type { Aggregation, FeatureDescription } from '@vigia/features';

/** Portuguese for the features that are computed and may be shown; those of DICT never are. */
const COMPUTED: Record<string, string> = {
  amount: 'Valor do pagamento',
  amount_is_round: 'Valor é múltiplo de R$ 50',
  local_hour: 'Hora em Brasília',
  is_night: 'Entre 20h e 6h em Brasília',
  day_of_week: 'Dia da semana (0 é segunda-feira)',
  initiated_manually: 'Dados da conta digitados à mão',
  initiated_by_dynamic_code: 'QR Code dinâmico',
  arrived: 'Somos a instituição do recebedor',
  look_up_to_payment: 'Tempo entre a consulta da chave e a ordem',
  same_institution: 'Pagador e recebedor na mesma instituição',
  payer_is_company: 'O pagador é empresa',
  payee_is_company: 'O recebedor é empresa',
  tax_id_invalid: 'Um CPF ou CNPJ tem dígitos verificadores errados',
  balance_share: 'Parte do saldo que é paga',
  device_registered: 'Aparelho cadastrado',
  device_age: 'Tempo desde que o aparelho foi visto pela primeira vez',
  anonymous_network: 'VPN, proxy ou provedor de hospedagem',
  device_tampered: 'Emulador ou aparelho com proteção removida',
  accessibility_service: 'Serviço de acessibilidade ativo',
  remote_access: 'Acesso remoto ou tela compartilhada',
  sim_changed: 'Tempo desde a troca do chip',
  distance: 'Distância do lugar habitual',
  session_age: 'Tempo entre o acesso e o pagamento',
  failed_authentications: 'Autenticações que falharam',
  on_call: 'Havia uma ligação telefônica',
  credential_reset: 'Tempo desde a troca de uma senha ou credencial',
  limit_raised: 'Tempo desde o aumento de um limite',
  key_pasted: 'A chave foi colada',
  behaviour_anomaly: 'Diferença no jeito de tocar e digitar',
  trusted_payee: 'Recebedor na lista de confiança do pagador',
  new_payee: 'Primeiro pagamento a este recebedor em 90 dias',
  amount_to_payer_mean: 'Valor dividido pela média do pagador em 30 dias',
  amount_deviation: 'Distância da média do pagador, em desvios-padrão',
  untrusted_new_payee: 'Recebedor novo e fora da lista de confiança',
  pass_through_1h: 'O que o recebedor pagou sobre o que recebeu, 1 hora',
  pass_through_1d: 'O que o recebedor pagou sobre o que recebeu, 1 dia',
  payee_fan_in: 'Pagadores do recebedor: dia sobre 30 dias',
  during_weekend: 'Sábado ou domingo',
  during_night: 'Entre 0h e 6h',
};

const ENTITIES: Record<string, string> = {
  payer: 'pagador',
  payee: 'recebedor',
  payee_as_payer: 'recebedor, quando paga',
  pair: 'este pagador e este recebedor',
  device: 'aparelho',
  night: 'noite do pagador',
  unregistered_device_day: 'dia do aparelho não cadastrado',
  customer: 'cliente',
  terminal: 'terminal',
};

const AGGREGATIONS: Record<Aggregation, string> = {
  count: 'pagamentos',
  sum: 'valor total',
  mean: 'valor médio',
  standard_deviation: 'desvio-padrão do valor',
  maximum: 'maior valor',
  minimum: 'menor valor',
  distinct_counterparties: 'contrapartes diferentes',
  labelled_count: 'pagamentos confirmados como fraude',
  labelled_share: 'parte dos pagamentos confirmada como fraude',
  time_since_last: 'tempo desde o pagamento anterior',
  age_of_first: 'tempo desde o primeiro pagamento',
};

const UNITS: [ms: number, one: string, many: string][] = [
  [86_400_000, 'dia', 'dias'],
  [3_600_000, 'hora', 'horas'],
  [60_000, 'minuto', 'minutos'],
];

/** What a feature means, in plain words; undefined where this page has none in Portuguese. */
export function meaningOf(feature: FeatureDescription, lang: 'pt' | 'en'): string | undefined {
  if (lang === 'en') return feature.description;
  const { entity, aggregation, window } = feature;
  if (entity === null || aggregation === null || window === null) return COMPUTED[feature.name];
  const who = ENTITIES[entity];
  if (who === undefined) return undefined;
  const until = window.delayMs === 0 ? '' : ` que terminaram há ${durationOf(window.delayMs)}`;
  return `${who}: ${AGGREGATIONS[aggregation]} em ${durationOf(window.lengthMs)}${until}`;
}

function durationOf(ms: number): string {
  const [unitMs, one, many] = UNITS.find(([each]) => ms % each === 0)!;
  const count = ms / unitMs;
  return `${count} ${count === 1 ? one : many}`;
}

/** Seconds become what a person can picture. */
const SPANS: [seconds: number, unit: string][] = [
  [172_800, 'd'],
  [7_200, 'h'],
  [120, 'min'],
];
const UNIT_SECONDS: Record<string, number> = { d: 86_400, h: 3_600, min: 60 };

/** A value with its unit, as a person reads it. */
export function valueText(value: number | null, unit: string, lang: 'pt' | 'en'): string {
  if (value === null) return lang === 'pt' ? 'sem valor' : 'no value';
  if (unit === '0/1') return (lang === 'pt' ? ['não', 'sim'] : ['no', 'yes'])[value === 0 ? 0 : 1]!;
  const number = (each: number, least: number, most: number): string =>
    new Intl.NumberFormat(lang === 'pt' ? 'pt-BR' : 'en-US', {
      minimumFractionDigits: least,
      maximumFractionDigits: most,
    }).format(each);
  if (unit === 'R$') return `R$ ${number(value, 2, 2)}`;
  const span = unit === 's' ? SPANS.find(([seconds]) => value >= seconds)?.[1] : undefined;
  if (span !== undefined) return `${number(value / UNIT_SECONDS[span]!, 0, 1)} ${span}`;
  return unit === '' || unit === '0 to 1' ? number(value, 0, 3) : `${number(value, 0, 1)} ${unit}`;
}

/** The declared unit, but for what is a name in numbers: the day of the week. */
export const unitOf = ({ name, unit }: FeatureDescription): string => (name === 'day_of_week' ? '' : unit);
