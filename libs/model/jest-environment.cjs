const { TestEnvironment } = require('jest-environment-node');

/**
 * onnxruntime's native code makes Float32Arrays of Node's own realm, and its JavaScript, loaded in jest's, refuses them
 * as foreign. Sharing the class between both is enough. For every project whose tests score a model.
 */
module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.Float32Array = Float32Array;
  }
};
