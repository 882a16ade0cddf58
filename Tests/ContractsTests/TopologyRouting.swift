import Contracts

/// Simulates the routing of a broker with a topology: topic matching as in AMQP 0-9-1, with alternate
/// exchanges.
struct TopologyRouting {
    let topology: Topology

    /// Returns the queues that receive a message, sorted by name. A queue with two matching bindings receives it once.
    func queues(_ exchange: String, _ key: String) -> [String] {
        if exchange.isEmpty { return topology.queue(key).map { [$0.name] } ?? [] }
        guard let declaration = topology.exchanges.first(where: { $0.name == exchange }) else { return [] }
        let bindings = topology.bindings.filter { $0.exchange == exchange }
        let reached = bindings.filter { Self.fits(key, $0.routingKey, declaration.kind) }.map(\.queue)
        if reached.isEmpty, case .string(let alternate)? = declaration.arguments["alternate-exchange"] {
            return queues(alternate, key)
        }
        return Set(reached).sorted()
    }

    /// Returns the exchange and the key under which a queue dead-letters a message that had `key`.
    func deadLetter(from queue: String, key: String) -> (exchange: String, key: String)? {
        let arguments = topology.queue(queue)?.arguments ?? [:]
        guard case .string(let exchange)? = arguments["x-dead-letter-exchange"] else { return nil }
        guard case .string(let own)? = arguments["x-dead-letter-routing-key"] else { return (exchange, key) }
        return (exchange, own)
    }

    private static func fits(_ key: String, _ pattern: String, _ kind: ExchangeDeclaration.Kind) -> Bool {
        switch kind {
        case .fanout: true
        case .direct: key == pattern
        case .topic: matches(words(key)[...], words(pattern)[...])
        }
    }

    private static func words(_ text: String) -> [Substring] {
        text.isEmpty ? [] : text.split(separator: ".", omittingEmptySubsequences: false)
    }

    /// Returns whether a key matches a pattern: `*` is one word, `#` is any number of words.
    private static func matches(_ key: ArraySlice<Substring>, _ pattern: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return key.isEmpty }
        if first == "#" {
            return matches(key, pattern.dropFirst()) || (!key.isEmpty && matches(key.dropFirst(), pattern))
        }
        guard let word = key.first, first == "*" || first == word else { return false }
        return matches(key.dropFirst(), pattern.dropFirst())
    }
}

/// All routing keys of HDM with the queues that must receive the messages.
struct ExpectedRoute {
    let exchange: String
    let key: String
    let queues: [String]

    static func all(_ type: QueueType) -> [ExpectedRoute] { jobs(type) + deadLetters + others }

    private static func jobs(_ type: QueueType) -> [ExpectedRoute] {
        Stage.allCases.flatMap { stage in
            (0...9).flatMap { priority in
                let suffix = type == .quorum ? PriorityClass(priority).suffix : ""
                let work = QueueName.work(stage) + suffix
                let direct = [
                    RoutingKey.job(stage, priority: priority), RoutingKey.requeue(stage, priority: priority),
                ]
                let retries = RetryTier.allCases.map { ($0, RoutingKey.retry($0, stage, priority: priority)) }
                return (direct + retries.map(\.1)).map { ExpectedRoute(exchange: "hdm.jobs", key: $0, queues: [work]) }
                    + retries.map { ExpectedRoute(exchange: "hdm.retry", key: $1, queues: [$0.queue]) }
            }
        }
    }

    private static var deadLetters: [ExpectedRoute] {
        let ends = Stage.allCases.flatMap { stage in
            [RoutingKey.dead(stage), RoutingKey.broker(stage)].map { ($0, QueueName.deadLetters(stage)) }
        }
        let invalid = (Stage.allCases.map(\.rawValue) + ["intake", "planner", "review", "events", "audit"]).map {
            (RoutingKey.invalid($0), QueueName.invalid)
        }
        return (ends + invalid).map { key, queue in
            ExpectedRoute(exchange: "hdm.dlx", key: key, queues: [queue, QueueName.recovery])
        }
    }

    private static let others = [
        ExpectedRoute(exchange: "hdm.intake", key: QueueName.submitKey, queues: ["hdm.q.intake"]),
        ExpectedRoute(exchange: "hdm.jobs", key: RoutingKey.review, queues: ["hdm.q.review"]),
        ExpectedRoute(exchange: "hdm.jobs", key: "job.mtch", queues: ["hdm.dlq.invalid", "hdm.q.recovery"]),
        ExpectedRoute(exchange: "hdm.jobs", key: "", queues: ["hdm.dlq.invalid", "hdm.q.recovery"]),
        ExpectedRoute(exchange: "hdm.retry", key: "t2s.match", queues: ["hdm.dlq.invalid", "hdm.q.recovery"]),
        ExpectedRoute(exchange: "hdm.events", key: "job.move.completed", queues: ["hdm.events.gateway"]),
        ExpectedRoute(exchange: "hdm.events", key: ExpansionEvent.routingKey, queues: ["hdm.events.gateway"]),
        ExpectedRoute(exchange: "hdm.events", key: "progress.download", queues: ["hdm.events.progress"]),
        ExpectedRoute(exchange: "hdm.events", key: "library.added", queues: ["hdm.events.gateway"]),
        ExpectedRoute(exchange: "hdm.events", key: "system.match.status", queues: ["hdm.events.system"]),
        ExpectedRoute(exchange: "hdm.events", key: "other", queues: []),
    ]
}
