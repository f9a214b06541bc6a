import { Controller } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import { payment, type Assessment, type Payment } from '@vigia/contracts';
import { Caller, Scope } from '@vigia/platform';
import { AssessService } from './assess.service.js';

/** The same decision for services of the house. Absent parts stay absent on the wire. */
@Controller()
export class AssessGrpcController {
  constructor(private readonly assessments: AssessService) {}

  @GrpcMethod('Scoring', 'Assess')
  @Scope('assess')
  assess(@Payload({ schema: payment }) body: Payment, @Caller() caller: string): Promise<Assessment> {
    return this.assessments.assess(body, caller);
  }
}
