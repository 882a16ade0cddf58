/// Every exchange, queue and binding of HDM: the only place that names them.
///
/// Arguments, not policies, carry what correctness depends on: AMQP cannot set policies, only one policy applies to a
/// queue, and an operator's own would displace ours.
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

    /// The declaration of a queue by its name.
    public func queue(_ name: String) -> QueueDeclaration? { queues.first { $0.name == name } }

    /// The declarations of a provider's ledger and of its turn, also of a provider that has no row in the topology.
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
    public static let control = "hdm.control"
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
    /// The key of submissions on `hdm.intake`.
    public static let submitKey = "submit"

    /// A stage's work queue, on one host.
    public static func work(_ stage: Stage) -> String { "hdm.q.\(stage.rawValue)" }

    /// A stage's work queues, most urgent first: one on one host, one a priority class on a cluster.
    public static func work(_ stage: Stage, _ type: QueueType) -> [String] {
        switch type {
        case .classic: [work(stage)]
        case .quorum: PriorityClass.allCases.map { work(stage) + $0.suffix }
        }
    }

    /// The parking lot of a stage's dead letters. Never consumed.
    public static func deadLetters(_ stage: Stage) -> String { "hdm.dlq.\(stage.rawValue)" }

    /// Every parking lot.
    public static var deadLetterQueues: [String] { Stage.allCases.map(deadLetters) + [invalid] }

    /// A service's queue of orders.
    public static func control(_ service: ServiceName) -> String { "hdm.control.\(service.rawValue)" }

    /// The ledger of a limited provider, which all processes share.
    public static func budget(_ provider: String) -> String { "hdm.budget.\(provider)" }

    /// The turn of those who change a ledger. No row of the topology: that it exists says that the budget was opened
    /// once on this broker, so that an empty queue is known for a lost ledger and not taken for a new one.
    public static func budgetLock(_ provider: String) -> String { "hdm.budget.\(provider).turn" }

    /// The providers whose ledgers are rows of the topology; others are declared by who uses them.
    public static let limitedProviders = ["slskd", "spotify", "musicbrainz"]
}
