/// The exchanges and queues that a connection declares, by name: the destinations of publishes that healing can repair.
struct DeclaredDestinations {
    private var exchanges: Set<String> = []
    private var queues: Set<String> = []

    init() {}

    init(_ declarations: [Declaration]) {
        for declaration in declarations {
            switch declaration {
            case .exchange(let name, _, _): exchanges.insert(name)
            case .queue(let name, _): queues.insert(name)
            case .binding: break
            }
        }
    }

    func contains(queue: String) -> Bool { queues.contains(queue) }

    /// Whether a publish goes to a declared exchange, or through the default exchange to a declared queue.
    func contains(exchange: String, routingKey: String) -> Bool {
        exchange.isEmpty ? queues.contains(routingKey) : exchanges.contains(exchange)
    }
}
