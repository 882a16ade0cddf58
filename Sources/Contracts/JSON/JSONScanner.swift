/// A member of a JSON object in the bytes of its document.
struct JSONMember: Sendable, Equatable {
    /// The name without escapes.
    var name: String
    /// The bytes of the name with its quotes.
    var key: Range<Int>
    /// The bytes of the value without surrounding white space.
    var value: Range<Int>
}

/// Checks a JSON document before it is decoded, and finds the members of its outermost object.
///
/// Messages come from other programs. The scanner refuses what a decoder would read in one of several ways, or what
/// would exhaust its stack: invalid UTF-8, halves of surrogate pairs, duplicate names, deep nesting, text after the
/// document. It does not recurse, and its time grows linearly with the document.
struct JSONScanner {
    /// The maximum number of objects and arrays around a value of a job document.
    static let maximumDepth = 64

    /// An object or array that is not closed yet.
    struct Frame {
        var isObject: Bool
        /// The position of the first name of the object in ``JSONScanner/names``.
        var firstName: Int
        /// The position of the current element of an array.
        var index = 0
    }

    let bytes: [UInt8]
    private let maximumDepth: Int
    var position = 0
    var frames: [Frame] = []
    /// The names of all objects that are not closed yet.
    var names = JSONNames()
    /// Whether the scanner reads a name.
    var isInName = false
    private(set) var members: [JSONMember] = []

    /// Checks a document.
    /// - Returns: the members of its object, in their order; an empty list if it is another value.
    static func members(
        of bytes: [UInt8], maximumDepth: Int = maximumDepth
    ) throws(ContractViolation) -> [JSONMember] {
        var scanner = JSONScanner(bytes: bytes, maximumDepth: maximumDepth)
        try scanner.scan()
        return scanner.members
    }

    /// Checks a document.
    /// - Returns: the bytes of its value, without a byte order mark and white space around it.
    static func range(of bytes: [UInt8]) throws(ContractViolation) -> Range<Int> {
        var scanner = JSONScanner(bytes: bytes, maximumDepth: maximumDepth)
        try scanner.scan()
        var start = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
        var end = bytes.count
        while whiteSpace.contains(bytes[start]) { start += 1 }
        while whiteSpace.contains(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let whiteSpace = [UInt8](" \n\r\t".utf8)

    private init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        frames.reserveCapacity(16)
    }

    private mutating func scan() throws(ContractViolation) {
        if bytes.starts(with: Self.byteOrderMark) { position = Self.byteOrderMark.count }
        var isValueNext = true
        while true {
            if isValueNext {
                isValueNext = try beginValue()
            } else if frames.isEmpty {
                break
            } else {
                isValueNext = try endValue()
            }
        }
        skipWhiteSpace()
        guard position == bytes.count else { throw malformed }
    }

    /// Reads a value, or the beginning of an object or array.
    /// - Returns: whether the value inside follows.
    private mutating func beginValue() throws(ContractViolation) -> Bool {
        skipWhiteSpace()
        if frames.count == 1, frames[0].isObject { members[members.count - 1].value = position..<position }
        guard position < bytes.count else { throw malformed }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try open(isObject: true)
        case UInt8(ascii: "["): return try open(isObject: false)
        case UInt8(ascii: "\""): _ = try scanString()
        case UInt8(ascii: "t"): try scanWord("true")
        case UInt8(ascii: "f"): try scanWord("false")
        case UInt8(ascii: "n"): try scanWord("null")
        default: try scanNumber()
        }
        return false
    }

    private mutating func open(isObject: Bool) throws(ContractViolation) -> Bool {
        guard frames.count < maximumDepth else {
            throw violation("is nested more than \(maximumDepth) levels deep")
        }
        frames.append(Frame(isObject: isObject, firstName: names.count))
        position += 1
        skipWhiteSpace()
        if take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
            frames.removeLast()
            return false
        }
        if isObject { try scanName() }
        return true
    }

    /// Reads what follows a value: a comma, or the end of its object or array.
    /// - Returns: whether another value follows.
    private mutating func endValue() throws(ContractViolation) -> Bool {
        let frame = frames[frames.count - 1]
        if frames.count == 1, frame.isObject {
            let last = members.count - 1
            members[last].value = members[last].value.lowerBound..<position
        }
        skipWhiteSpace()
        if take(UInt8(ascii: ",")) {
            if frame.isObject { try scanName() } else { frames[frames.count - 1].index += 1 }
            return true
        }
        guard take(frame.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw malformed }
        if frame.isObject {
            if let name = names.duplicate(from: frame.firstName, in: bytes) {
                throw violation("occurs more than once", name: name)
            }
            names.removeAll(from: frame.firstName)
        }
        frames.removeLast()
        return false
    }

    private mutating func scanName() throws(ContractViolation) {
        skipWhiteSpace()
        let start = position
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw malformed }
        isInName = true
        let hasEscapes = try scanString()
        isInName = false
        names.append(start + 1..<position - 1, hasEscapes: hasEscapes, of: bytes)
        if frames.count == 1 {
            let name = names.text(at: names.count - 1, in: bytes)
            members.append(JSONMember(name: name, key: start..<position, value: position..<position))
        }
        skipWhiteSpace()
        guard take(UInt8(ascii: ":")) else { throw malformed }
    }
}
