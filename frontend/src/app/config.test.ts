import { describe, expect, it } from 'vitest';
import { completeConfig, noticeText } from './config';

describe('completeConfig', () => {
  it('fills an empty file with defaults', () => {
    expect(completeConfig({})).toMatchObject({
      features: { self_sign_up: true },
      sign_up_email_domains: [],
      password_policy: { minimum_length: 8 },
      notices: {},
    });
  });

  it('uses the user pool endpoint of the region if none is given', () => {
    expect(completeConfig({ region: 'eu-west-1' }).cognito_endpoint).toBe(
      'https://cognito-idp.eu-west-1.amazonaws.com/',
    );
    expect(completeConfig({ cognito_endpoint: '/cognito' }).cognito_endpoint).toBe('/cognito');
  });

  it('keeps given fields and adds missing ones', () => {
    const { features, password_policy } = completeConfig({
      features: { self_sign_up: false },
      password_policy: { minimum_length: 12 },
    });
    expect(features.self_sign_up).toBe(false);
    expect(password_policy).toMatchObject({ minimum_length: 12, require_numbers: true });
  });
});

describe('noticeText', () => {
  it('prefers the reader’s language, then English', () => {
    expect(noticeText({ en: 'yes', ko: '네' }, 'ko')).toBe('네');
    expect(noticeText({ en: 'yes' }, 'ko')).toBe('yes');
    expect(noticeText('yes', 'ko')).toBe('yes');
    expect(noticeText(undefined, 'ko')).toBeNull();
  });
});
