/// All exchanges, queues and bindings of HDM.
///
/// Settings that correctness depends on are queue arguments and not policies. AMQP cannot set policies, and only one
/// policy applies to a queue, so that an operator's policy would replace ours.
public struct Topology: Sendable, Equatable {
    public let queueType: QueueType
    public let exchanges: [ExchangeDeclaration]
    public let queues: [QueueDeclaration]
    public let bindings: [BindingDeclaration]

    public init(_ queueType: QueueType = .classic) {
        let table = TopologyTable(queueType: queueType)
        self.queueType = queueType
        exchanges = table.exchanges
        queues = table.queues
        bindings = table.bindings
    }

    /// Returns the declaration of a queue.
    public func queue(_ name: String) -> QueueDeclaration? { queues.first { $0.name == name } }

    /// Returns the declarations of a provider's ledger and lock, also for providers that are not in the table.
    public func budget(_ provider: String) -> (ledger: QueueDeclaration, lock: QueueDeclaration) {
        let table = TopologyTable(queueType: queueType)
        return (table.budget(QueueName.budget(provider)), table.budget(QueueName.budgetLock(provider)))
    }
}

/// The names of the exchanges.
public enum ExchangeName {
    public static let intake = "hdm.intake"
    public static let jobs = "hdm.jobs"
    public static let retry = "hdm.retry"
    public static let deadLetters = "hdm.dlx"
    public static let unrouted = "hdm.unrouted"
    public static let events = "hdm.events"
    /// The exchanges of earlier versions.
    public static let obsolete = ["hdm.control"]

    /// All exchanges.
    public static let all = [intake, jobs, retry, deadLetters, unrouted, events]
}

/// The names of the queues.
public enum QueueName {
    public static let intake = "hdm.q.intake"
    public static let review = "hdm.q.review"
    /// Links to expand, published through the default exchange.
    public static let planner = "hdm.q.planner"
    public static let recovery = "hdm.q.recovery"
    public static let invalid = "hdm.dlq.invalid"
    public static let gatewayEvents = "hdm.events.gateway"
    public static let progressEvents = "hdm.events.progress"
    /// Heartbeats of the services.
    public static let systemEvents = "hdm.events.system"
    /// Audit entries of other services, published through the default exchange.
    public static let audit = "hdm.q.audit"
    /// The queues of earlier versions.
    public static let obsolete = ServiceName.allCases.map { "hdm.control.\($0.rawValue)" }
    /// The routing key of submissions on `hdm.intake`.
    public static let submitKey = "submit"

    /// Returns the work queue of a stage on one host.
    public static func work(_ stage: Stage) -> String { "hdm.q.\(stage.rawValue)" }

    /// Returns the work queues of a stage, highest priority first: one on one host, one for each class in a cluster.
    public static func work(_ stage: Stage, _ type: QueueType) -> [String] {
        switch type {
        case .classic: [work(stage)]
        case .quorum: PriorityClass.allCases.map { work(stage) + $0.suffix }
        }
    }

    /// Returns the queue of a stage's dead letters. No service consumes it.
    public static func deadLetters(_ stage: Stage) -> String { "hdm.dlq.\(stage.rawValue)" }

    /// All dead-letter queues.
    public static var deadLetterQueues: [String] { Stage.allCases.map(deadLetters) + [invalid] }

    /// Returns the queue of a provider's ledger, which all processes share.
    public static func budget(_ provider: String) -> String { "hdm.budget.\(provider)" }

    /// Returns the queue of a budget's lock.
    ///
    /// It is not in the table. The queue exists only if the budget was used before on this broker. So an empty ledger
    /// queue beside it means a lost ledger and not a new one.
    public static func budgetLock(_ provider: String) -> String { "hdm.budget.\(provider).turn" }

    /// The providers whose ledgers are in the table. The ledgers of others are declared at their first use.
    public static let limitedProviders = ["slskd", "spotify", "musicbrainz"]
}
