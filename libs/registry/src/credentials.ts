import { z } from 'zod';
import type { RegistryOptions } from './model-registry.js';

/** Settings of a service that asks an MLflow with users of its own; the names are those of MLflow's clients. */
export const credentialSettings = {
  mlflowTrackingUsername: z.string().default('').describe('User of MLflow; empty where it asks for none.'),
  mlflowTrackingPassword: z.string().default('').meta({ secret: true, description: 'Password of that user.' }),
};

export function credentialsOf(config: {
  mlflowTrackingUsername: string;
  mlflowTrackingPassword: string;
}): Pick<RegistryOptions, 'credentials'> {
  const { mlflowTrackingUsername: user, mlflowTrackingPassword: password } = config;
  return user === '' ? {} : { credentials: { user, password } };
}
