export interface PasswordPolicy {
  minimum_length: number;
  require_lowercase: boolean;
  require_uppercase: boolean;
  require_numbers: boolean;
  require_symbols: boolean;
}

/** A text that the deployment sets, in one language or by language (`en`, `ko`). */
export type Notice = string | Record<string, string> | null;

export function noticeText(notice: Notice | undefined, language: string): string | null {
  if (!notice || typeof notice === 'string') return notice || null;
  return notice[language] ?? notice.en ?? null;
}

/** An identity provider: its name in the user pool, and its title for people. */
export interface SignInProvider {
  name: string;
  title: string;
}

/** The user pool's domain, which redirects people to providers and back. */
export interface HostedSignIn {
  domain: string;
  providers: SignInProvider[];
}

/** The deployment's configuration, read at run time from `/config.json`. */
export interface Config {
  region: string;
  user_pool_id: string;
  user_pool_client_id: string;
  cognito_endpoint: string;
  features: { self_sign_up: boolean };
  hosted_sign_in: HostedSignIn | null;
  sign_up_email_domains: string[];
  password_policy: PasswordPolicy;
  logo: string | null;
  default_model: string | null;
  environment: string | null;
  notices: { model?: Notice; confirmation?: Notice };
}

const POLICY: PasswordPolicy = {
  minimum_length: 8,
  require_lowercase: true,
  require_uppercase: true,
  require_numbers: true,
  require_symbols: true,
};

type PartialConfig = Partial<Omit<Config, 'features' | 'password_policy'>> & {
  features?: Partial<Config['features']>;
  password_policy?: Partial<PasswordPolicy>;
};

/** Adds default values for fields that an older or smaller deployment leaves out. */
export function completeConfig(given: PartialConfig): Config {
  const region = given.region ?? 'us-east-1';
  return {
    region,
    user_pool_id: given.user_pool_id ?? '',
    user_pool_client_id: given.user_pool_client_id ?? '',
    cognito_endpoint: given.cognito_endpoint ?? `https://cognito-idp.${region}.amazonaws.com/`,
    features: { self_sign_up: given.features?.self_sign_up ?? true },
    hosted_sign_in: given.hosted_sign_in ?? null,
    sign_up_email_domains: given.sign_up_email_domains ?? [],
    password_policy: { ...POLICY, ...given.password_policy },
    logo: given.logo ?? null,
    default_model: given.default_model ?? null,
    environment: given.environment ?? null,
    notices: given.notices ?? {},
  };
}

let loaded: Config | null = null;

export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json', { cache: 'no-store' });
  if (!response.ok) throw new Error(`config.json answered ${response.status}`);
  loaded = completeConfig((await response.json()) as PartialConfig);
  return loaded;
}

export function config(): Config {
  return loaded ?? completeConfig({});
}

export function setConfig(given: PartialConfig): void {
  loaded = completeConfig(given);
}
