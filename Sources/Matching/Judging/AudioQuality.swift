import Contracts

/// The classes of audio that a profile can prefer.
public enum QualityClass: String, Sendable, Codable, CaseIterable {
    case lossless16, lossless24, lossyNearTransparent, variableHigh, lossyHigh, lossyFair
}

/// The type of a file by its extension.
enum AudioType: Sendable {
    case lossless, mp3, m4a, lossy, other

    /// - Parameter letters: without the dot.
    init(_ letters: Slice<UnsafeBufferPointer<UInt8>>) {
        let id: WordID = letters.count <= 8 ? letters.reduce(0) { $0 << 8 | WordID(Self.lowered($1)) } : 0
        self = Self.places[id].map { Self.types[$0] } ?? .other
    }

    private static func lowered(_ letter: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) ? letter | 0x20 : letter
    }

    private init(_ name: AudioFileExtension) {
        self =
            switch name.encoding {
            case .lossless: .lossless
            case .lossy: name == .mp3 ? .mp3 : .lossy
            case .either: .m4a
            }
    }

    private static let types = AudioFileExtension.allCases.map { AudioType($0) }

    private static let places = AudioFileExtension.allCases.enumerated().reduce(into: WordTable()) { table, next in
        table.insert(WordID(next.element.rawValue), next.offset)
    }
}

/// What a file's attributes say about its audio, and whether they fit each other.
struct AudioQuality: Sendable {
    let qualityClass: QualityClass?
    /// Why it cannot be a whole file of what it says it is; `nil` when it can.
    let doubt: String?
    /// As the source says, or as size and bitrate give it; `nil` when neither is known.
    let durationMS: Int?

    /// - Parameter isTrusted: The attributes were read from the file itself, and its owner is content with it: nothing
    ///   is doubted.
    init(_ file: OfferedFile, type: AudioType, wantedMS: Int?, minimumKbps: Int, isTrusted: Bool) {
        let isLossless = Self.isLossless(file, type, wantedMS)
        guard type != .other else {
            self.init(nil, "not an audio file", nil)
            return
        }
        guard file.size > 20_000 || isTrusted else {
            self.init(nil, "too small to hold music", file.durationMS)
            return
        }
        let judged = isLossless ? Self.lossless(file, wantedMS) : Self.lossy(file, type, wantedMS, minimumKbps)
        self.init(judged.qualityClass, isTrusted ? nil : judged.doubt, isTrusted ? file.durationMS : judged.durationMS)
    }

    static let unknown = AudioQuality(nil, nil, nil)

    private init(_ qualityClass: QualityClass?, _ doubt: String?, _ durationMS: Int?) {
        self.qualityClass = qualityClass
        self.doubt = doubt
        self.durationMS = durationMS
    }

    private static func isLossless(_ file: OfferedFile, _ type: AudioType, _ wantedMS: Int?) -> Bool {
        guard type == .m4a else { return type == .lossless }
        if file.bitDepth != nil { return true }
        return (file.bitrateKbps ?? rate(file.size, file.durationMS ?? wantedMS).map { Int($0) } ?? 0) > 400
    }

    /// Kilobits a second over the length; `nil` without a length.
    private static func rate(_ size: Int64, _ milliseconds: Int?) -> Double? {
        milliseconds.flatMap { $0 > 0 ? Double(size) * 8 / Double($0) : nil }
    }

    private static func lossless(_ file: OfferedFile, _ wantedMS: Int?) -> AudioQuality {
        let rate = rate(file.size, file.durationMS ?? wantedMS)
        let depth = file.bitDepth ?? (rate ?? 0 > 1450 ? 24 : 16)
        let raw = Double(file.sampleRate ?? (depth > 16 ? 192_000 : 48_000)) * Double(depth) * 2 / 1000
        let quality: QualityClass = depth > 16 ? .lossless24 : .lossless16
        guard let rate else { return AudioQuality(quality, nil, file.durationMS) }
        // Without its own length, a file is measured over the wanted one: what is too thin for music is cut short.
        let least = file.durationMS == nil ? 390.0 : 250.0
        if rate < least { return AudioQuality(quality, "too small for lossless audio of its length", file.durationMS) }
        if rate > raw * 1.06 { return AudioQuality(quality, "too large for its length", file.durationMS) }
        return AudioQuality(quality, nil, file.durationMS)
    }

    private static func lossy(
        _ file: OfferedFile, _ type: AudioType, _ wantedMS: Int?, _ minimumKbps: Int
    ) -> AudioQuality {
        let duration = file.durationMS ?? impliedDuration(file)
        let real = rate(file.size, duration ?? wantedMS)
        guard let said = file.bitrateKbps.map(Double.init) ?? real else { return AudioQuality(nil, nil, duration) }
        let quality = lossyClass(said, isVariable: isVariable(file, type))
        if said < Double(minimumKbps) * (file.bitrateKbps == nil ? 0.97 : 1) {
            return AudioQuality(quality, "below the least bitrate", duration)
        }
        if let real, !(0.9...1.15).contains(real / said) {
            return AudioQuality(quality, "its size does not fit its length and bitrate", duration)
        }
        return AudioQuality(quality, nil, duration)
    }

    private static func impliedDuration(_ file: OfferedFile) -> Int? {
        guard let kbps = file.bitrateKbps, kbps > 0 else { return nil }
        return Int(clamping: file.size.multipliedReportingOverflow(by: 8).partialValue / Int64(kbps))
    }

    private static func isVariable(_ file: OfferedFile, _ type: AudioType) -> Bool {
        guard type == .mp3 else { return false }
        if let isVariable = file.isVariableBitrate, isVariable { return true }
        return file.bitrateKbps.map { !isStandardRate($0) } ?? false
    }

    private static func isStandardRate(_ kbps: Int) -> Bool {
        switch kbps {
        case 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320: true
        default: false
        }
    }

    private static func lossyClass(_ kbps: Double, isVariable: Bool) -> QualityClass {
        if kbps >= 315 { return .lossyNearTransparent }
        if isVariable, kbps >= 220 { return .variableHigh }
        return kbps >= 250 ? .lossyHigh : .lossyFair
    }
}
