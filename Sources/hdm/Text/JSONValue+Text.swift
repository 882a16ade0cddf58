import Contracts
import Foundation

extension JSONValue {
    /// The elements of an array; empty when there is none.
    func list(_ name: String) -> [JSONValue] {
        if case .array(let elements)? = self[name] { elements } else { [] }
    }

    /// A text or a whole number as text; empty when it is absent.
    func text(_ name: String) -> String {
        self[name]?.stringValue ?? self[name]?.integerValue.map(String.init) ?? ""
    }

    /// A number with two decimal places; empty when it is absent.
    func share(_ name: String) -> String {
        switch self[name] {
        case .number(let number): String(format: "%.2f", number)
        case .integer(let number): String(format: "%.2f", Double(number))
        default: ""
        }
    }
}
