import Contracts

/// The identity of a run of a stage: the job, its generation, the stage, and the hop at which the run began.
///
/// It is the same for a message that is delivered again, and for one that was given back while its run continued.
struct RunIdentity: Sendable, Hashable {
    var job: JobID
    var generation: Int
    var stage: Stage
    var hop: Int

    var jobGeneration: JobGeneration { JobGeneration(job: job, requeues: generation) }

    /// Whether both are runs of one generation of a job at one stage. A run that was handed back has several hops.
    func isSameStage(as other: RunIdentity) -> Bool {
        job == other.job && generation == other.generation && stage == other.stage
    }
}

/// The identity of one message in the journal: its step, and a hash of its message id.
///
/// With the id, a second message of the same step is never taken for a repeated delivery of the first.
struct DeliveredStep: Sendable, Hashable {
    var run: RunIdentity
    var message: UInt64

    init(_ run: RunIdentity, messageID: String) {
        self.run = run
        message = messageID.stableHash
    }

    init(_ run: RunIdentity, message: UInt64) {
        self.run = run
        self.message = message
    }
}

extension String {
    /// The FNV-1a hash of the UTF-8 bytes. Unlike `hashValue`, it is the same in every process.
    var stableHash: UInt64 {
        utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
