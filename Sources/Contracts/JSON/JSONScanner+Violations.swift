/// The places of violations.
extension JSONScanner {
    var malformed: ContractViolation { ContractViolation(path: "", problem: "is not well-formed JSON") }

    /// Returns a violation at the current value, or at a name of the current object.
    func violation(_ problem: String, name: Int? = nil) -> ContractViolation {
        var path: [any CodingKey] = []
        for (depth, frame) in frames.enumerated() {
            let isLast = depth == frames.count - 1
            if isLast, isInName { break }
            if frame.isObject {
                let last = (isLast ? names.count : frames[depth + 1].firstName) - 1
                let key = isLast ? name ?? last : last
                if key >= frame.firstName {
                    path.append(AnyKey(stringValue: names.text(at: key, in: bytes).prefix(utf8: 64)))
                }
            } else {
                path.append(AnyKey(stringValue: "\(frame.index)"))
            }
        }
        return ContractViolation(path: path, problem: problem)
    }
}
