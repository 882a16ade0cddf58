/// The table of ``Topology``, in the order of declaration: elements stand after those that they refer to.
struct TopologyTable {
    let queueType: QueueType

    var exchanges: [ExchangeDeclaration] {
        let unrouted: [String: TopologyArgument] = ["alternate-exchange": .string(ExchangeName.unrouted)]
        return [
            ExchangeDeclaration(name: ExchangeName.unrouted, kind: .fanout),
            ExchangeDeclaration(name: ExchangeName.deadLetters, kind: .topic, arguments: unrouted),
            ExchangeDeclaration(name: ExchangeName.jobs, kind: .topic, arguments: unrouted),
            ExchangeDeclaration(name: ExchangeName.retry, kind: .topic, arguments: unrouted),
            ExchangeDeclaration(name: ExchangeName.intake, kind: .direct),
            ExchangeDeclaration(name: ExchangeName.events, kind: .topic),
        ]
    }

    var bindings: [BindingDeclaration] {
        deadLetterBindings + [bind(ExchangeName.intake, QueueName.intake, QueueName.submitKey)] + workBindings
            + [bind(ExchangeName.jobs, QueueName.review, "*.review")] + tierBindings + eventBindings
    }
}

extension TopologyTable {
    private var deadLetterBindings: [BindingDeclaration] {
        let stages = Stage.allCases.flatMap { stage in
            ["dead", "broker"].map { origin in
                bind(ExchangeName.deadLetters, QueueName.deadLetters(stage), "\(origin).\(stage.rawValue).#")
            }
        }
        return stages + [
            bind(ExchangeName.deadLetters, QueueName.invalid, "invalid.#"),
            bind(ExchangeName.deadLetters, QueueName.recovery, "#"),
            bind(ExchangeName.unrouted, QueueName.invalid, ""),
            bind(ExchangeName.unrouted, QueueName.recovery, ""),
        ]
    }

    private var workBindings: [BindingDeclaration] {
        Stage.allCases.flatMap { stage in
            switch queueType {
            case .classic:
                [
                    bind(ExchangeName.jobs, QueueName.work(stage), "*.\(stage.rawValue)"),
                    bind(ExchangeName.jobs, QueueName.work(stage), "*.\(stage.rawValue).*"),
                ]
            case .quorum:
                PriorityClass.allCases.map {
                    bind(ExchangeName.jobs, QueueName.work(stage) + $0.suffix, "*.\(stage.rawValue)\($0.suffix)")
                }
            }
        }
    }

    private var tierBindings: [BindingDeclaration] {
        RetryTier.allCases.map { bind(ExchangeName.retry, $0.queue, "t\($0.rawValue).#") }
    }

    private var eventBindings: [BindingDeclaration] {
        ["job.#", "planner.#", "library.#"].map { bind(ExchangeName.events, QueueName.gatewayEvents, $0) } + [
            bind(ExchangeName.events, QueueName.systemEvents, "system.#"),
            bind(ExchangeName.events, QueueName.progressEvents, "progress.#"),
        ]
    }

    private func bind(_ exchange: String, _ queue: String, _ key: String) -> BindingDeclaration {
        BindingDeclaration(exchange: exchange, queue: queue, routingKey: key)
    }
}
