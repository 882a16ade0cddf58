/// The exchanges, queues and bindings that a connection declares again when they are missing.
struct DeclarationRegistry {
    private(set) var declarations: [Declaration] = []

    var destinations: DeclaredDestinations { DeclaredDestinations(declarations) }

    /// Adds declarations. One of the same object with other arguments is replaced.
    mutating func add(_ added: [Declaration]) {
        for declaration in added {
            if let index = declarations.firstIndex(where: { $0.label == declaration.label }) {
                declarations[index] = declaration
            } else {
                declarations.append(declaration)
            }
        }
    }

    /// Removes a queue and its bindings, because it is deleted on purpose.
    mutating func removeQueue(_ name: String) {
        declarations.removeAll {
            switch $0 {
            case .queue(name, _): true
            case .binding(name, _, _): true
            default: false
            }
        }
    }

    /// Removes an exchange and its bindings, because it is deleted on purpose.
    mutating func removeExchange(_ name: String) {
        declarations.removeAll {
            switch $0 {
            case .exchange(name, _, _): true
            case .binding(_, name, _): true
            default: false
            }
        }
    }

    mutating func remove(_ declaration: Declaration) { declarations.removeAll { $0 == declaration } }
}
