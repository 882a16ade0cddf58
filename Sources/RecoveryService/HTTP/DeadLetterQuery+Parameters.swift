import Contracts
import Foundation
import ServiceKit

extension DeadLetterQuery {
    /// Reads the parameters of `GET /api/v1/dlq`.
    /// - Throws: `APIError` `.validationError` that names the parameter.
    init(_ parameters: [String: String], _ settings: RecoverySettings) throws(APIError) {
        let reader = ParameterReader(parameters)
        page = try reader.integer("page", in: 1...1_000_000) ?? 1
        pageSize = try reader.integer("page_size", in: 1...settings.largestPage) ?? settings.pageSize
        order = try reader.choice("order_by", Order.allCases, \.rawValue) ?? .createdAt
        isAscending = try reader.choice("order_dir", ["asc", "desc"], \.self) == "asc"
        reason = reader.text("reason")
        stage = try reader.choice("stage", Stage.allCases.map(\.rawValue) + ["intake"], \.self)
        from = try reader.time("from")
        to = try reader.time("to")
        includesGone = try reader.choice("include_gone", ["true", "false"], \.self) == "true"
    }
}

/// Reads the parameters of a query; an empty one counts as absent.
private struct ParameterReader {
    private let parameters: [String: String]

    init(_ parameters: [String: String]) { self.parameters = parameters }

    func text(_ name: String) -> String? {
        parameters[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw violation(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func choice<Value>(_ name: String, _ all: [Value], _ word: (Value) -> String) throws(APIError) -> Value? {
        guard let text = text(name) else { return nil }
        guard let value = all.first(where: { word($0) == text }) else {
            throw violation(name, "must be one of \(all.map(word).joined(separator: ", "))")
        }
        return value
    }

    func time(_ name: String) throws(APIError) -> Timestamp? {
        guard let text = text(name) else { return nil }
        guard let time = Timestamp(text) else { throw violation(name, "must be a date and time as in RFC 3339") }
        return time
    }

    private func violation(_ name: String, _ problem: String) -> APIError {
        APIError(ContractViolation(path: "/\(name)", problem: problem))
    }
}
